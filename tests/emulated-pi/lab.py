"""What scenarios have in common: the machine's ways to start, the wires of its board, and what is to be seen on its screen."""
import json
import os
import shutil
import time

import pictures
import world as surroundings
from pi import Failed, PATIENCE_S, Pi, until

# The wires of guest/boards/board.toml, as BCM numbers.
LAMPS = {"red": 17, "yellow": 27, "green": 22}
BUTTONS = {"delivery": 23, "lamp-test": 24}
DARK, ACCEPTED, HELD, REJECTED = frozenset(), frozenset({"green"}), frozenset({"yellow"}), frozenset({"red"})
# Minutes go by on the screen: its clock is not compared.
CLOCK = (690, 0, 110, 40)
# Goldens may have been drawn on another processor, whose rasteriser may differ by a shade.
SHADES_APART = 12
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
        self.ready_card = os.path.join(folder, "ready.qcow2")
        if os.path.exists(self.ready_card) and os.path.getmtime(self.ready_card) < os.path.getmtime(self.card):
            os.remove(self.ready_card)
        self.scenario, self.wrong = None, []

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

    def keep_as_ready(self, pi):
        """Keeps the machine, so that other scenarios need not wait for its start."""
        pi.remember("ready")
        shutil.copy(os.path.join(self.files(), "card.qcow2"), self.ready_card)

    def ready(self):
        """A machine whose kiosk is ready: the one that `boot` left, in a copy of its own."""
        if not os.path.exists(self.ready_card):
            raise Failed("no machine was kept; run the scenario `boot` first")
        copy = os.path.join(self.files(), "card.qcow2")
        shutil.copy(self.ready_card, copy)
        return Pi(self.folder, copy, self.files(), resume="ready")

    # --- hands and eyes

    def hold_up(self, pi, label):
        """Shows a label of the world to the camera; `none` takes it away."""
        pi.sh(f"echo {label} >/run/lab-label")

    def press(self, pi, button, seconds=0.5):
        pi.set_pin(BUTTONS[button], True)
        time.sleep(seconds)
        pi.set_pin(BUTTONS[button], False)

    def use_board(self, pi, board):
        """Starts the kiosk anew with another board of guest/boards."""
        pi.sh(f"cp /opt/lab/boards/{board}.toml /etc/greengate/board.toml && systemctl restart greengate.service")

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
                return shown, 0
            return shown, pictures.differing(shown, pictures.read_png(golden), SHADES_APART, [CLOCK])
        try:
            (shown, _), _ = until("the scene", lambda: next((pair for pair in [apart()] if pair[1] == 0), None), 20, 0.5)
            self.check(True, f"the display shows {name}")
            if self.update:
                pictures.write_png(golden, shown)
        except Failed:
            self.check(False, f"the display shows {name}: {apart()[1]} pixels differ from {golden}")
        pi.sh("busybox wget -qO /run/screen.png http://127.0.0.1:8080/screen.png")
        meant = os.path.join(self.files(), f"{name}-meant.png")
        with open(meant, "wb") as file:
            file.write(bytes.fromhex(pi.sh("busybox xxd -p /run/screen.png | tr -d '\\n'")))
        shown = pictures.read_ppm(pi.picture(name))
        count = pictures.differing(shown, pictures.read_png(meant), 0, [CLOCK])
        self.check(count == 0, f"{count} pixels of {name} differ from what the kiosk meant")

    def comes_up(self, pi):
        """Waits for a ready kiosk; every set of lamps that was lit on the way, in the order of their first appearance."""
        seen = []

        def is_ready():
            for lit in watch(pi, 1):
                seen.append(lit) if lit not in seen else None
            return pi.attempt("systemctl is-active greengate.service")[1] == "active" and self.body(pi)[0] == "ready"
        until("a kiosk that is ready", is_ready, PATIENCE_S, 0)
        return seen

    def camera_is_well(self, pi):
        return self.body(pi)[0] in ("ready", "verdict")

    def needs_a_person(self, pi):
        return self.body(pi)[0] == "fault"
