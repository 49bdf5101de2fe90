"""What the kiosk promises, tried on the emulated Pi. Each function is one scenario."""
import contextlib
import time

import buses
import pictures
from lab import ACCEPTED, DARK, HELD, REJECTED, lamps_of, watch
from pi import Failed, PATIENCE_S, until

# The system that is nothing but a shell: it starts many times faster.
LEAN = "lab.init=/opt/lab/lean-init"
# What a kiosk with a monitor may need.
MEMORY_KIB = 64 << 10
# How long a green may outlive its kiosk. The emulated board is many times slower than a real one.
DARK_WITHIN_S = 10
# A start tests the lamps, one after the other.
SELF_TEST = [REJECTED, HELD, ACCEPTED]


def lit_of(seen):
    """What was lit, without the dark in between."""
    return [lit for lit in seen if lit]


def in_order(seen):
    """One lamp after the other, as a test lights them; a start so slow may come too late for one of them."""
    lit = lit_of(seen)
    return lit != [] and lit == [lamps for lamps in SELF_TEST if lamps in lit]


def told(seen):
    return " ".join("/".join(sorted(lit)) or "dark" for lit in seen)


def boot(lab):
    """From power on to a kiosk that is ready, by itself, with every lamp dark on the way."""
    pi = lab.power_on()
    with contextlib.ExitStack() as failure:
        failure.push(pi)
        lab.say(f"shell after {pi.wait_for_shell():.0f} s")

        seen = lab.comes_up(pi)
        lab.say(f"kiosk ready after {time.monotonic() - pi.began:.0f} s")
        lab.check(in_order(seen), f"lamps from power on to ready: {told(seen)}")
        user = pi.sh("ps -o user= -C greengate").split()
        lab.check(user == ["greengate"], f"the kiosk runs as {user}")
        failed = pi.sh("systemctl --failed --plain --no-legend")
        lab.check(failed == "", f"units that failed: {failed or 'none'}")
        lab.say(pi.sh("systemd-analyze security --no-pager greengate.service | tail -n 1"))
        lab.shows(pi, "ready")
        lab.keep(pi)
        failure.pop_all()


def good(lab):
    """A genuine label of a green listing: green, steady, until the label is gone; and its row is there."""
    with lab.ready() as pi:
        lab.hold_up(pi, "good")
        _, took = until("green", lambda: lamps_of(pi) == ACCEPTED, 60)
        lab.say(f"green after {took:.1f} s")
        seen = watch(pi, 2)
        lab.check(seen == [ACCEPTED], f"green is steady: {told(seen)}")
        lab.shows(pi, "accept")
        lab.hold_up(pi, "none")
        _, took = until("dark again", lambda: lamps_of(pi) == DARK, 30)
        lab.say(f"dark after {took:.1f} s")
        outcomes = lab.outcomes(pi)
        lab.check(outcomes[-1:] == ["accept"], f"verdicts in the journal: {outcomes}")


def yellow(lab):
    """A genuine label of a yellow listing: yellow flashes, green and red never light."""
    with lab.ready() as pi:
        lab.hold_up(pi, "yellow-1")
        until("yellow", lambda: lamps_of(pi) == HELD, 60)
        lab.shows(pi, "hold")
        lab.flashes(pi, HELD)


def forged(lab):
    """A label signed with somebody else's key: red flashes, nothing else ever lights."""
    with lab.ready() as pi:
        lab.hold_up(pi, "forged-1")
        until("red", lambda: lamps_of(pi) == REJECTED, 60)
        lab.shows(pi, "reject")
        lab.flashes(pi, REJECTED)


def no_label(lab):
    """An empty table: dark, and the screen says ready."""
    with lab.ready() as pi:
        seen = watch(pi, 10)
        lab.check(seen == [DARK], f"ten seconds without a label: {told(seen)}")
        lab.shows(pi, "ready")


def button(lab):
    """The delivery button, pressed by a wire from outside, opens a delivery; a second press ends it."""
    with lab.ready() as pi:
        before = len(lab.rows(pi))
        lab.press(pi, "delivery")
        until("a row for the press", lambda: len(lab.rows(pi)) > before, 30, 0.5)
        lab.shows(pi, "delivery")
        lab.press(pi, "delivery")
        until("a row for the second press", lambda: len(lab.rows(pi)) > before + 1, 30, 0.5)


def unplug(lab):
    """The camera goes away with a green light on: dark and blue; it comes back by itself with the camera."""
    with lab.ready() as pi:
        lab.use_board(pi, "vivid")
        until("the camera is there", lambda: lab.camera_is_well(pi), 60, 0.5)
        lab.shows(pi, "ready")
        pi.sh("echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind")
        _, took = until("a screen that tells of the camera", lambda: lab.needs_a_person(pi), 30)
        lab.say(f"told after {took:.1f} s")
        lab.shows(pi, "camera-unplugged")
        pi.sh("echo vivid.0 >/sys/bus/platform/drivers/vivid/bind")
        _, took = until("the camera is back", lambda: lab.camera_is_well(pi), 60)
        lab.say(f"back after {took:.1f} s")
        lab.shows(pi, "ready")


def stall(lab):
    """Frames stop without an error while green is lit: dark and blue; frames come again: green once more."""
    with lab.ready() as pi:
        lab.hold_up(pi, "good")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)
        pi.sh("systemctl kill -s STOP lab-camera.service")
        _, took = until("dark", lambda: lamps_of(pi) == DARK, DARK_WITHIN_S + 20)
        lab.say(f"dark after {took:.1f} s")
        until("a screen that tells of the camera", lambda: lab.needs_a_person(pi), 30)
        lab.shows(pi, "camera-lost")
        lab.hold_up(pi, "good")
        pi.sh("systemctl kill -s CONT lab-camera.service")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)


def _ends_with(lab, signal, within_s):
    with lab.ready() as pi:
        lab.hold_up(pi, "good")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)
        lab.hold_up(pi, "none")
        before = pi.sh("systemctl show -p MainPID --value greengate.service")
        # From inside, so that the light is still on: it takes this shell longer to answer than a green lasts.
        pi.sh(f"kill -{signal} {before}")
        began = lamps_of(pi)
        _, took = until("dark", lambda: lamps_of(pi) == DARK, within_s)
        lab.say(f"lit at the signal: {sorted(began)}; dark after {took:.1f} s")
        seen = lab.comes_up(pi)
        lab.check(pi.sh("systemctl show -p MainPID --value greengate.service") != before, "another process serves now")
        lab.check(in_order(seen), f"lamps until the next one is ready: {told(seen)}")


def killed(lab):
    """kill -9 with a green light on."""
    _ends_with(lab, "KILL", DARK_WITHIN_S)


def aborted(lab):
    """The program's own end after a bug, with a green light on."""
    _ends_with(lab, "ABRT", DARK_WITHIN_S)


def hung(lab):
    """Every thread stands still with a green light on: the service manager's watchdog ends it."""
    _ends_with(lab, "STOP", DARK_WITHIN_S + 20)


def clock_1970(lab):
    """A start at which the clock knows nothing: a genuine green label is held, and the screen says that it is because of the clock."""
    with lab.power_on(words=LEAN) as pi:
        pi.wait_for_shell()
        year = pi.sh("date +%Y")
        lab.check(year == "1970", f"the machine believes that it is {year}")
        lab.start_lean(pi, clock=False)
        lab.hold_up(pi, "good")
        until("yellow", lambda: lamps_of(pi) == HELD, 60)
        lab.shows(pi, "hold-clock")
        lab.flashes(pi, HELD)


def full_disk(lab):
    """No room for a row: no light, a blue screen; room again: the same label is green."""
    with lab.ready() as pi:
        pi.sh("fallocate -l $(($(stat -f -c '%a*%S' /) - 8000000)) /filled; cat /dev/zero >/filled-too; sync; df /; true")
        lab.hold_up(pi, "good")
        until("a screen that tells of the disk", lambda: lab.needs_a_person(pi), 60, 0.5)
        seen = watch(pi, 5)
        lab.check(seen == [DARK], f"dark without a row: {told(seen)}")
        # Of what, the journal or the list, is told first is chance.
        lab.shows_what_is_meant(pi, "disk-full")
        lab.hold_up(pi, "none")
        pi.sh("rm /filled /filled-too; sync")
        until("the journal is well again", lambda: lab.camera_is_well(pi), 60, 0.5)
        lab.hold_up(pi, "good")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)


def by_nokhwa(lab):
    """The camera by way of nokhwa: green for a genuine label."""
    with lab.ready() as pi:
        lab.use_board(pi, "nokhwa")
        until("the camera is there", lambda: lab.camera_is_well(pi), 60, 0.5)
        lab.hold_up(pi, "good")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)
        lab.check(True, "green")
        lab.hold_up(pi, "none")
        until("dark", lambda: lamps_of(pi) == DARK, 60)


def registers(lab):
    """Lamps on the chip's own registers, through rppal: each lamp by itself, in turn, and dark afterwards."""
    with lab.ready() as pi:
        pi.sh("systemctl stop greengate.service")
        pi.sh("(greengate --config /etc/greengate lights test --board /opt/lab/boards/rppal.toml --seconds 3 >/run/lamps.log 2>&1 &)")
        seen, end = [], time.monotonic() + 60
        while time.monotonic() < end and seen[-2:] != [ACCEPTED, DARK]:
            lit = lamps_of(pi)
            if seen[-1:] != [lit]:
                seen.append(lit)
        lab.check(lit_of(seen) == SELF_TEST, f"lamps in turn: {told(seen)}")
        lab.say(pi.sh("cat /run/lamps.log; journalctl -b --no-pager | grep -i 'gpio' | tail -n 1; true"))


def _traced(lab, pi, board, event):
    """The kernel's trace of a bus while the kiosk came up on this board, and what it meant to show, before and after the trace's end:
    a minute may have gone by between the two."""
    pi.sh(f"systemctl stop greengate.service; modprobe -a spidev i2c-dev; trace-cmd start -b 8192 -e {event} >/run/trace.log 2>&1")
    lab.run_by_hand(pi, board)
    before = pictures.read_png(lab.meant(pi, f"{board}-before"))
    pi.sh("trace-cmd stop && trace-cmd extract -o /run/trace.dat >>/run/trace.log 2>&1")
    after = pictures.read_png(lab.meant(pi, f"{board}-after"))
    return lab.fetch(pi, "/run/trace.dat", "trace.dat"), (before, after)


def panel_on_spi(lab):
    """A colour panel on SPI: windows, lengths and the beginning of every transfer, as the kernel traces them, fit the picture that is meant."""
    with lab.ready() as pi:
        trace, meant = _traced(lab, pi, "st7789", "spi:spi_transfer_start")
        glass = buses.st7789(buses.spi_transfers(trace), 240, 240)
        told, wrong = min((buses.wrong_pixels(glass, buses.as_565(picture)) for picture in meant), key=lambda pair: pair[1])
        lab.check(told > 500 and wrong == 0, f"the whole glass was written; of {told} pixels that are told {wrong} differ from what the kiosk meant")


def panel_on_i2c(lab):
    """A black-and-white panel on I²C: the bytes that the kernel sends make the picture that is meant, pixel by pixel."""
    with lab.ready() as pi:
        trace, meant = _traced(lab, pi, "ssd1306", "i2c:i2c_write")
        glass = buses.ssd1306(buses.i2c_messages(trace))
        pictures.write_png(f"{lab.files()}/glass.png", glass)
        apart = min(pictures.differing(glass, pictures.as_grey(picture), 0) for picture in meant)
        lab.check(apart == 0, f"{apart} pixels of the glass differ from what the kiosk meant")


def monitor(lab):
    """A monitor of 1920×1080 through DRM, on another emulated machine: the verdict that is meant, in little memory, and gone with the kiosk."""
    with lab.power_on(words=LEAN, machine="virt") as pi:
        pi.wait_for_shell()
        pi.sh("modprobe virtio_gpu")
        lab.start_lean(pi, "monitor")
        lab.hold_up(pi, "good")
        until("a verdict", lambda: lab.body(pi)[0] == "verdict", 60)
        apart = pictures.differing(pictures.read_ppm(pi.picture("monitor")), pictures.read_png(lab.meant(pi, "monitor")), 0)
        lab.check(apart == 0, f"{apart} pixels of the monitor differ from what the kiosk meant")
        lab.hold_up(pi, "none")
        for what in ("VmHWM", "RssAnon", "VmRSS"):
            kib = int(pi.sh(f"sed -n 's/^{what}:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$(cat /run/kiosk.pid)/status"))
            lab.check(kib < MEMORY_KIB, f"{what} {kib / 1024:.1f} MB, of {MEMORY_KIB >> 10} at most")
        verdict = pictures.read_ppm(pi.picture("monitor-last"))
        pi.sh("kill -9 $(cat /run/kiosk.pid)")
        until("another picture than the kiosk's", lambda: pictures.differing(pictures.read_ppm(pi.picture("monitor-after")), verdict, 0) > 1000, 10)
        lab.check(True, "the kernel takes a killed kiosk's picture off the monitor")


ALL = [boot, good, yellow, forged, no_label, button, unplug, stall, killed, aborted, hung, full_disk, by_nokhwa, registers, panel_on_spi, panel_on_i2c,
       clock_1970, monitor]
