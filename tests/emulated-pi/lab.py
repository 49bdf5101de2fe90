"""What scenarios have in common: the machine's ways to start, the wires of its board, and what is to be seen on its screen."""
import base64
import contextlib
import gzip
import itertools
import json
import os
import shutil
import threading
import time

import pictures
import world as surroundings
from pi import Failed, PATIENCE_S, Pi, until

# The wires of the board `emulated-pi`, as BCM numbers.
LAMPS = {"red": 17, "yellow": 27, "green": 22}
BUTTONS = {"delivery": 23, "lamp-test": 24}
DARK, ACCEPTED, HELD, REJECTED = frozenset(), frozenset({"green"}), frozenset({"yellow"}), frozenset({"red"})
# What is another at every run is not compared with goldens, as x, y, width, height: the clock on every scene, an item's serial number,
# a delivery's name.
CLOCK = (690, 0, 110, 40)
CHANGING = {"accept": [(455, 408, 320, 26)], "hold-clock": [(455, 408, 320, 30)], "delivery": [(400, 0, 400, 40), (350, 318, 330, 40)]}
# Goldens may have been drawn on another processor, whose rasteriser may differ by a shade.
SHADES_APART = 12
# A kiosk that comes up needs a person for so long at most.
ILL_S = 30
HERE = os.path.dirname(os.path.abspath(__file__))


def lamps_of(pi):
    """Which lamps are lit, by the chip's registers."""
    return pi.lit(LAMPS)


def watch(pi, seconds, every_s=0.05):
    """Every set of lamps that was lit within the time, in the order of their first appearance."""
    end, seen = time.monotonic() + seconds, []
    while time.monotonic() < end:
        lit = lamps_of(pi)
        if lit not in seen:
            seen.append(lit)
        time.sleep(every_s)
    return seen


class Lab:
    """One run of scenarios. `kept` is the folder in which each leaves its logs and pictures."""

    def __init__(self, folder, package, kept, update=False):
        self.folder, self.kept, self.update = folder, kept, update
        self.world = surroundings.World(folder)
        self.card = surroundings.card(folder, self.world, package)
        self.scenario, self.wrong, self.machine = None, [], None
        self.labels = itertools.count(1)

    # --- what is told

    def begin(self, scenario):
        self.scenario, self.wrong = scenario, []
        shutil.rmtree(self.files(), ignore_errors=True)
        os.makedirs(self.files())

    def files(self):
        return os.path.join(self.kept, self.scenario)

    def say(self, text):
        print(f"     {text}", flush=True)

    def check(self, is_so, text):
        self.say(f"{'ok  ' if is_so else 'WRONG'} {text}")
        if not is_so:
            self.wrong.append(text)

    # --- machines

    def power_on(self, keeping=False, **more):
        """A machine that starts from a fresh copy of the card; with `keeping`, from the scenario's copy as the last one left it."""
        name = os.path.join(self.files(), "card.img" if keeping else "card.qcow2")
        if not keeping:
            surroundings.ran("qemu-img", "create", "-q", "-f", "qcow2", "-b", os.path.abspath(self.card), "-F", "raw", name)
        elif not os.path.exists(name):
            surroundings.ran("cp", "--sparse=always", self.card, name)
        return Pi(self.folder, name, self.files(), clock=self.world.clock, **more)

    def keep(self, pi):
        """Leaves a machine whose kiosk is ready to the scenarios that follow, so that they need not wait for its start."""
        self.machine = pi

    @contextlib.contextmanager
    def ready(self):
        """A machine whose kiosk is ready, with nothing before its camera. One on which something failed serves nobody else."""
        if self.machine is None:
            self.machine = self.power_on()
            self.machine.wait_for_shell()
            self.comes_up(self.machine)
        pi = self.machine
        pi.tells(self.files())
        try:
            self._as_at_the_start(pi)
            yield pi
        except BaseException:
            pi.gather_evidence()
            self.close()
            raise

    def _as_at_the_start(self, pi):
        pi.sh("echo none >/run/lab-label; pkill -f lab-config; trace-cmd reset >/dev/null 2>&1; true")
        pi.sh("chown -R greengate:greengate /var/lib/greengate; cmp -s /opt/lab/emulated-pi.toml /etc/greengate/board.toml || "
              "{ cp /opt/lab/emulated-pi.toml /etc/greengate/board.toml; systemctl stop greengate.service; }; systemctl start greengate.service")
        until("a kiosk that is ready", lambda: self.body(pi)[0] == "ready", PATIENCE_S, 0.5)

    def close(self):
        if self.machine is not None:
            self.machine.power_off()
        self.machine = None

    # --- hands and eyes

    def hold_up(self, pi, label):
        """Shows a label of the world to the camera; `none` takes it away. `good` is a genuine one that was never seen before."""
        if label == "good":
            label = f"good-{next(self.labels)}"
        pi.sh(f"echo {label} >/run/lab-label.new && mv /run/lab-label.new /run/lab-label")

    def press(self, pi, button, seconds=0.5):
        pi.set_pin(BUTTONS[button], True)
        time.sleep(seconds)
        pi.set_pin(BUTTONS[button], False)

    def use_board(self, pi, board):
        """Starts the kiosk anew with another board of guest/boards."""
        pi.sh(f"cp /opt/lab/boards/{board}.toml /etc/greengate/board.toml && systemctl restart greengate.service")

    def start_lean(self, pi, board="emulated-pi", preload="", clock=True):
        """Camera and kiosk where nothing else runs: the system whose first process is guest/lean-init. `board` is one of guest/boards."""
        if clock:
            pi.sh(f"date -s @{self.world.clock:.0f} >/run/date")
        pi.sh("busybox ifconfig lo up; modprobe v4l2loopback exclusive_caps=1 video_nr=0")
        pi.sh("echo none >/run/lab-label; (/opt/lab/feed /dev/video0 /opt/lab/frames /run/lab-label >/run/feed.log 2>&1 &)")
        self.run_by_hand(pi, board, preload)

    def run_by_hand(self, pi, board, preload=""):
        """The kiosk as root, without the service, on one of guest/boards; waits until it is ready."""
        pi.sh("mkdir -p /run/lab-config && cp /etc/greengate/* /run/lab-config")
        if board != "emulated-pi":
            pi.sh(f"cp /opt/lab/boards/{board}.toml /run/lab-config/board.toml")
        pi.sh(f"({preload} greengate --config /run/lab-config run >/run/kiosk.log 2>&1 & echo $! >/run/kiosk.pid)")

        def is_ready():
            if pi.attempt("kill -0 $(cat /run/kiosk.pid)")[0] != 0:
                raise Failed(f"the kiosk has ended: {pi.sh('cat /run/kiosk.log')}")
            return self.body(pi)[0] == "ready"
        until("the kiosk is ready", is_ready, PATIENCE_S, 0.5)

    def fetch(self, pi, path, kept):
        """A file of the machine, as a file in the scenario's folder."""
        kept = os.path.join(self.files(), kept)
        with open(kept, "wb") as file:
            file.write(gzip.decompress(base64.b64decode(pi.sh(f"gzip -c {path} | base64 -w0"))))
        return kept

    def meant(self, pi, name):
        """What the kiosk says that its display shows, as a file."""
        pi.sh("busybox wget -qO /run/screen.png http://127.0.0.1:8080/screen.png")
        return self.fetch(pi, "/run/screen.png", f"{name}-meant.png")

    def status(self, pi):
        """What the kiosk itself says, for waiting; nothing is judged by it."""
        said = pi.attempt("busybox wget -qO- http://127.0.0.1:8080/status.json")[1]
        try:
            return json.loads(said)
        except ValueError:
            return {}

    def body(self, pi):
        """The scene's kind, and what it holds."""
        body = self.status(pi).get("scene", {}).get("body", "")
        return (body, {}) if isinstance(body, str) else next(iter(body.items()))

    def rows(self, pi):
        """The journal's rows."""
        said = pi.sh("greengate --config /etc/greengate journal export --format jsonl 2>/dev/null")
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    def outcomes(self, pi):
        """The verdicts in the journal, in order."""
        rows = [row["entry"]["what"] for row in self.rows(pi)]
        return [what["verdict"]["outcome"] for what in rows if isinstance(what, dict) and "verdict" in what]

    def flashes(self, pi, lamps):
        """The lamps go on and off and on again, and no other is ever lit."""
        changes, last, end = 0, None, time.monotonic() + 20
        while changes < 4 and time.monotonic() < end:
            lit = lamps_of(pi)
            if lit not in (lamps, DARK):
                raise Failed(f"{sorted(lit)} is lit beside {sorted(lamps)}")
            changes, last = changes + (last is not None and lit != last), lit
            time.sleep(0.03)
        self.check(changes >= 4, f"{'/'.join(sorted(lamps))} flashes, and nothing else is lit")

    def shows(self, pi, name):
        """The display shows the golden scene, and every pixel is what the kiosk meant to show."""
        golden = os.path.join(HERE, "goldens", f"{name}.png")

        def apart():
            shown = pictures.read_ppm(pi.picture(name))
            if self.update:
                # Not one that is half drawn.
                return shown, pictures.differing(shown, pictures.read_png(self.meant(pi, name)), 0, [CLOCK])
            return shown, pictures.differing(shown, pictures.read_png(golden), SHADES_APART, [CLOCK, *CHANGING.get(name, [])])
        try:
            (shown, _), _ = until("the scene", lambda: next((pair for pair in [apart()] if pair[1] == 0), None), 20, 0.5)
            self.check(True, f"the display shows {name}")
            if self.update:
                os.makedirs(os.path.dirname(golden), exist_ok=True)
                pictures.write_png(golden, shown)
        except Failed:
            self.check(False, f"the display shows {name}: {apart()[1]} pixels differ from {golden}")
        self.shows_what_is_meant(pi, name)

    def shows_what_is_meant(self, pi, name):
        """Every pixel of the display is what the kiosk says that it shows; both are asked again while the scene changes between the two."""
        def apart():
            meant = self.meant(pi, name)
            return pictures.differing(pictures.read_ppm(pi.picture(name)), pictures.read_png(meant), 0, [CLOCK])
        try:
            until("the scene that is meant", lambda: apart() == 0, 20, 0.5)
            self.check(True, f"every pixel of {name} is as the kiosk meant it")
        except Failed:
            self.check(False, f"{apart()} pixels of {name} differ from what the kiosk meant")

    def comes_up(self, pi):
        """Waits for a ready kiosk; the sets of lamps that were lit on the way, in order."""
        seen, is_over, ill_since = [], threading.Event(), None

        # Looks have a line of their own, so that none is missed while the shell is asked.
        def look():
            while not is_over.is_set():
                lit = lamps_of(pi)
                if seen[-1:] != [lit]:
                    seen.append(lit)

        def is_ready():
            nonlocal ill_since
            kind, body = self.body(pi) if pi.attempt("systemctl is-active greengate.service")[1] == "active" else (None, {})
            ill_since = (ill_since or time.monotonic()) if kind == "fault" else None
            if ill_since and time.monotonic() > ill_since + ILL_S:
                raise Failed(f"the kiosk needs a person: {body}")
            return kind == "ready"

        looks = threading.Thread(target=look)
        looks.start()
        try:
            until("a kiosk that is ready", is_ready, PATIENCE_S, 1)
        finally:
            is_over.set()
            looks.join()
        return seen

    def camera_is_well(self, pi):
        return self.body(pi)[0] in ("ready", "verdict")

    def needs_a_person(self, pi):
        return self.body(pi)[0] == "fault"
