"""An emulated Raspberry Pi 3B, seen and touched from outside.

What the kiosk did is never asked of the kiosk: levels of pins come from the emulated chip's registers, the picture from the
emulated display, the power is cut by killing the emulator. A shell on the first serial line does what a person with a keyboard
would; the journal comes out of the second one, into `journal.log`.
"""
import itertools
import json
import os
import re
import socket
import subprocess
import tempfile
import time

GPIO = 0x3F200000
GPFSEL0, OUTPUT = GPIO, 1
GPSET0, GPCLR0, GPLEV0 = GPIO + 0x1C, GPIO + 0x28, GPIO + 0x34
WIDTH, HEIGHT = 800, 480
# The emulated chip's four cores share what this machine has, so waiting is patient; only a failure takes so long.
PATIENCE_S = 300


class Failed(Exception):
    """What a scenario expected did not happen."""


def until(what, is_so, seconds, every_s=0.1):
    """Waits until `is_so()` gives something true, and returns it with the seconds that it took."""
    began = time.monotonic()
    while True:
        result = is_so()
        took = time.monotonic() - began
        if result:
            return result, took
        if took > seconds:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(every_s)


class Raspberry:
    """The board itself. Something has to acknowledge what is written to the panel on I²C: a memory does, at the same address."""
    words = "console=ttyS1,115200 iomem=relaxed "

    @staticmethod
    def arguments(lab, card):
        screen = {"xres": WIDTH, "yres": HEIGHT, "bpp": 32, "pixo": 0}
        return ["-dtb", f"{lab}/pi3.dtb", "-drive", f"if=sd,{card}", "-device", "at24c-eeprom,bus=i2c-bus.1,address=0x3c,rom-size=65536",
                *(word for name, value in screen.items() for word in ("-global", f"bcm2835-fb.{name}={value}"))]

    @staticmethod
    def second_line(folder):
        return ["-serial", f"file:{folder}/journal.log"]


class Virtual:
    """A machine with a graphics card, which the board does not have in the emulation. It has one serial line."""
    words = "console=tty0 lab.card=/dev/vda "

    @staticmethod
    def arguments(_lab, card):
        return ["-cpu", "cortex-a53", "-m", "1G", "-nic", "none", "-drive", f"if=none,id=card,{card}", "-device", "virtio-blk-pci,drive=card",
                "-device", "virtio-gpu-pci,xres=1920,yres=1080"]

    @staticmethod
    def second_line(_folder):
        return []


BOARDS = {"raspi3b": Raspberry, "virt": Virtual}


class Pi:
    """One machine from power on to power off. `folder` keeps its logs and pictures.

    `clock` is the wall clock at the start, in seconds of Unix time; `words` are added to the kernel's command line.
    """

    def __init__(self, lab, card, folder, clock=None, words="", machine="raspi3b"):
        os.makedirs(folder, exist_ok=True)
        self.words, self.log, self.trace = itertools.count(1), None, None
        self.tells(folder)
        self.sockets = tempfile.TemporaryDirectory(prefix="pi-")
        version = open(os.path.join(lab, "kernel-version"), encoding="utf-8").read().strip()
        kind = "qcow2" if card.endswith(".qcow2") else "raw"
        at, board = self.sockets.name, BOARDS[machine]
        self.began = time.monotonic()
        line = "loglevel=4 panic=-1 vt.global_cursor_default=0 consoleblank=0 "
        if clock is not None:
            line += f"systemd.clock_usec={int(clock * 1e6)} "
        self.process = subprocess.Popen(
            ["qemu-system-aarch64", "-M", machine, "-accel", "tcg,thread=single", "-display", "none", "-monitor", "none", "-no-reboot",
             "-kernel", f"{lab}/kernel/boot/vmlinuz-{version}", "-initrd", f"{lab}/first.gz", "-append", line + board.words + words,
             *board.arguments(lab, f"format={kind},file={card}"),
             "-serial", f"unix:{at}/shell,server=on,wait=on", *board.second_line(folder),
             "-qmp", f"unix:{at}/qmp,server=on,wait=off",
             "-qtest", f"unix:{at}/qtest,server=on,wait=off", "-qtest-log", "none"],
            stdin=subprocess.DEVNULL, stderr=open(os.path.join(folder, "qemu.log"), "w", encoding="utf-8"))
        self.typed, self.heard = self._connect("shell"), b""
        self.monitor = self._connect("qmp").makefile("rw")
        self._answer()
        self.ask("qmp_capabilities")
        self.bus = self._connect("qtest").makefile("rw")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.gather_evidence()
        self.power_off()

    def tells(self, folder):
        """From now on logs and pictures go into this folder; the journal stays in the first one."""
        for log in (self.log, self.trace):
            if log:
                log.close()
        self.folder = folder
        self.log = open(os.path.join(folder, "shell.log"), "a", encoding="utf-8")
        self.trace = open(os.path.join(folder, "pins.log"), "a", encoding="utf-8")

    def _connect(self, name):
        def attempt():
            end = socket.socket(socket.AF_UNIX)
            try:
                end.connect(f"{self.sockets.name}/{name}")
                return end
            except OSError:
                if self.process.poll() is not None:
                    raise Failed(f"QEMU ended with {self.process.returncode}; see qemu.log") from None
                return None
        return until(f"QEMU's {name} socket", attempt, 30, 0.05)[0]

    # --- the monitor, and what is read and set through it

    def _answer(self):
        while True:
            line = self.monitor.readline()
            if not line:
                raise Failed("QEMU is gone")
            answer = json.loads(line)
            if "event" not in answer:
                return answer

    def ask(self, command, **arguments):
        self.monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.monitor.flush()
        answer = self._answer()
        if "error" in answer:
            raise Failed(f"QEMU refuses {command}: {answer['error']['desc']}")
        return answer["return"]

    def register(self, address):
        """A register's 32 bits."""
        answer = self.ask("human-monitor-command", **{"command-line": f"xp /1wx {address:#x}"})
        return int(re.search(r":\s*(0x[0-9a-f]+)", answer).group(1), 16)

    def set_register(self, address, value):
        self.bus.write(f"writel {address:#x} {value:#x}\n")
        self.bus.flush()
        if not self.bus.readline().startswith("OK"):
            raise Failed(f"QEMU does not write to {address:#x}")

    def lit(self, pins):
        """Which of these pins, of those that a name stands for, are driven high: outputs whose level is one."""
        banks = sorted({pin // 10 for pin in pins.values()})
        now, functions = [self.register(GPFSEL0 + 4 * bank) for bank in banks], None
        # A pin that was let go of keeps its level: read between two looks that differ, that would be a lamp that never was lit.
        while now != functions:
            functions, levels = now, self.register(GPLEV0)
            now = [self.register(GPFSEL0 + 4 * bank) for bank in banks]
        functions = dict(zip(banks, functions))
        driven = {name for name, pin in pins.items() if functions[pin // 10] >> 3 * (pin % 10) & 7 == OUTPUT}
        lit = frozenset(name for name in driven if levels >> pins[name] & 1)
        self.trace.write(f"{time.monotonic() - self.began:9.3f} levels {levels:#010x} lit {' '.join(sorted(lit)) or '-'}\n")
        return lit

    def set_pin(self, pin, high):
        """A wire from outside: the emulated chip takes it for an input's level."""
        self.set_register(GPSET0 if high else GPCLR0, 1 << pin)

    def picture(self, name):
        """What the display shows, as a file in the scenario's folder."""
        path = os.path.abspath(os.path.join(self.folder, f"{name}.ppm"))
        self.ask("screendump", filename=path)
        return path

    # --- the shell

    def hear(self, pattern, seconds):
        """Waits for a text on the shell's line, and returns what came before it and the match."""
        end = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.heard)
            if match:
                before, self.heard = self.heard[:match.start()], self.heard[match.end():]
                return before.decode(errors="replace"), match
            self.typed.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = self.typed.recv(65536)
            except TimeoutError:
                more = b""
                if time.monotonic() > end:
                    raise Failed(f"the shell did not say {pattern!r} within {seconds} s; last: {self.heard[-300:]!r}") from None
            if more == b"" and self.process.poll() is not None:
                raise Failed(f"QEMU ended with {self.process.returncode}; see qemu.log and journal.log")
            self.heard += more

    def wait_for_shell(self):
        self.hear(rb"lab shell\n", PATIENCE_S)
        return time.monotonic() - self.began

    def attempt(self, command, seconds=PATIENCE_S):
        """Runs a command; its exit code and what it printed."""
        word = next(self.words)
        self.log.write(f"[{time.monotonic() - self.began:.1f}] $ {command}\n")
        self.typed.sendall(f"{{ {command}\n}} </dev/null 2>&1; code=$?; echo; echo \"@{word}\"@$code@\n".encode())
        said, match = self.hear(rb"\n?@%d@(\d+)@\n" % word, seconds)
        self.log.write(said + ("" if match[1] == b"0" else f"\n-> {match[1].decode()}") + "\n")
        self.log.flush()
        return int(match[1]), said.replace("\r", "").strip("\n")

    def sh(self, command, seconds=PATIENCE_S):
        """Runs a command that must succeed; what it printed."""
        code, said = self.attempt(command, seconds)
        if code != 0:
            raise Failed(f"`{command}` ended with {code}: {said}")
        return said

    # --- the power

    def cut_power(self):
        """What the card has acknowledged is on the card, nothing else is; the emulator writes through to its file."""
        self.process.kill()
        self.process.wait()

    def power_off(self):
        if self.process.poll() is None:
            self.cut_power()
        self.sockets.cleanup()
        self.log.close()
        self.trace.close()

    def gather_evidence(self):
        """What a person would want to see of a machine on which something failed."""
        if self.process.poll() is not None:
            return
        for gather in (lambda: self.picture("at-failure"), lambda: self.attempt("systemctl --no-pager status greengate.service; ps axo pid,stat,pcpu,args; df /", 60)):
            try:
                gather()
            except (Failed, OSError, ValueError):
                pass
