"""What the kiosk promises, tried on the emulated Pi. Each function is one scenario."""
import time

from lab import ACCEPTED, DARK, HELD, REJECTED, lamps_of, watch
from pi import Failed, PATIENCE_S, until

# How long a green may outlive its kiosk. The emulated board is many times slower than a real one.
DARK_WITHIN_S = 10
# A start tests the lamps, one after the other; a slow look from outside may miss one.
SELF_TEST = ([DARK, REJECTED, HELD, ACCEPTED], [DARK, REJECTED, HELD], [DARK, REJECTED, ACCEPTED], [DARK, HELD, ACCEPTED])


def boot(lab):
    """From power on to a kiosk that is ready, by itself, with every lamp dark on the way."""
    with lab.power_on() as pi:
        lab.say(f"shell after {pi.wait_for_shell():.0f} s")

        seen = lab.comes_up(pi)
        lab.say(f"kiosk ready after {time.monotonic() - pi.began:.0f} s")
        lab.check(seen in SELF_TEST, f"lamps from power on to ready: {seen}")
        user = pi.sh("ps -o user= -C greengate").split()
        lab.check(user == ["greengate"], f"the kiosk runs as {user}")
        failed = pi.sh("systemctl --failed --plain --no-legend")
        lab.check(failed == "", f"units that failed: {failed or 'none'}")
        lab.say(pi.sh("systemd-analyze security --no-pager greengate.service | tail -n 1"))
        lab.shows(pi, "ready")
        lab.keep_as_ready(pi)


def good(lab):
    """A genuine label of a green listing: green, steady, until the label is gone; and its row is there."""
    with lab.ready() as pi:
        lab.hold_up(pi, "good-1")
        _, took = until("green", lambda: lamps_of(pi) == ACCEPTED, 60)
        lab.say(f"green after {took:.1f} s")
        seen = watch(pi, 2)
        lab.check(seen == [ACCEPTED], f"green is steady: {seen}")
        lab.shows(pi, "accept")
        lab.hold_up(pi, "none")
        _, took = until("dark again", lambda: lamps_of(pi) == DARK, 30)
        lab.say(f"dark after {took:.1f} s")
        row = lab.rows(pi)[-1]
        lab.check(row.get("verdict") == "accept", f"the journal's last row: {row}")


def yellow(lab):
    """A genuine label of a yellow listing: yellow flashes, green and red never light."""
    with lab.ready() as pi:
        lab.hold_up(pi, "yellow-1")
        until("yellow", lambda: lamps_of(pi) == HELD, 60)
        lab.flashes(pi, HELD)
        lab.shows(pi, "hold")


def forged(lab):
    """A label signed with somebody else's key: red flashes, nothing else ever lights."""
    with lab.ready() as pi:
        lab.hold_up(pi, "forged-1")
        until("red", lambda: lamps_of(pi) == REJECTED, 60)
        lab.flashes(pi, REJECTED)
        lab.shows(pi, "reject")


def no_label(lab):
    """An empty table: dark, and the screen says ready."""
    with lab.ready() as pi:
        seen = watch(pi, 10)
        lab.check(seen == [DARK], f"ten seconds without a label: {seen}")
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
        lab.shows(pi, "camera-lost")
        pi.sh("echo vivid.0 >/sys/bus/platform/drivers/vivid/bind")
        _, took = until("the camera is back", lambda: lab.camera_is_well(pi), 60)
        lab.say(f"back after {took:.1f} s")
        lab.shows(pi, "ready")


def stall(lab):
    """Frames stop without an error while green is lit: dark and blue; frames come again: green once more."""
    with lab.ready() as pi:
        lab.hold_up(pi, "good-1")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)
        pi.sh("systemctl kill -s STOP lab-camera.service")
        _, took = until("dark", lambda: lamps_of(pi) == DARK, DARK_WITHIN_S + 20)
        lab.say(f"dark after {took:.1f} s")
        until("a screen that tells of the camera", lambda: lab.needs_a_person(pi), 30)
        lab.shows(pi, "camera-lost")
        lab.hold_up(pi, "good-2")
        pi.sh("systemctl kill -s CONT lab-camera.service")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)


def _ends_with(lab, signal, within_s):
    with lab.ready() as pi:
        lab.hold_up(pi, "good-1")
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
        lab.check(seen in SELF_TEST, f"lamps until the next one is ready: {seen}")


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
    """A clock that knows nothing: a genuine green label is held, and the screen says that it is because of the clock."""
    with lab.ready() as pi:
        pi.sh("systemctl stop greengate.service && date -s @0 && systemctl start greengate.service")
        lab.hold_up(pi, "good-1")
        until("yellow", lambda: lamps_of(pi) == HELD, 60)
        lab.flashes(pi, HELD)
        lab.shows(pi, "hold-clock")


def full_disk(lab):
    """No room for a row: no light, a blue screen; room again: the same label is green."""
    with lab.ready() as pi:
        pi.sh("fallocate -l $(($(stat -f -c '%a*%S' /) - 8000000)) /filled; cat /dev/zero >/filled-too; sync; df /; true")
        lab.hold_up(pi, "good-1")
        until("a screen that tells of the journal", lambda: lab.needs_a_person(pi), 60, 0.5)
        seen = watch(pi, 5)
        lab.check(seen == [DARK], f"dark without a row: {seen}")
        lab.shows(pi, "disk-full")
        lab.hold_up(pi, "none")
        pi.sh("rm /filled /filled-too; sync")
        until("the journal is well again", lambda: lab.camera_is_well(pi), 60, 0.5)
        lab.hold_up(pi, "good-1")
        until("green", lambda: lamps_of(pi) == ACCEPTED, 60)


ALL = [boot, good, yellow, forged, no_label, button, unplug, stall, killed, aborted, hung, clock_1970, full_disk]
