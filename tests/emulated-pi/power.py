"""The power goes at random moments, while labels are scanned and lists are synced.

The system on the card is nothing but a shell here: it starts many times faster, and what is tried is the program's files on the
card. A verdict counts as shown when its lamp was seen lit from outside; a sync counts when the command said so on the second serial
line. After the next start every one of them has to be there.
"""
import itertools
import os
import random
import re
import time

from lab import ACCEPTED, HELD, lamps_of
from pi import Failed, until
from scenarios import LEAN
from world import ITEMS, RELEASES

CUTS = int(os.environ.get("GREENGATE_CUTS", "20"))
# The power goes within this time of the kiosk's being ready.
LONGEST_S = 8
# What happens to the control has to be seen in one of so many cuts.
CONTROL_CUTS = 5
KIOSK = "greengate --config /etc/greengate"
EATMYDATA = "LD_PRELOAD=/usr/lib/aarch64-linux-gnu/libeatmydata.so"


class Memory:
    """What was seen from outside, over all starts."""

    def __init__(self):
        # Outcomes in the order in which their lamps were seen.
        self.outcomes = []
        self.release = 1
        self.items = itertools.cycle(range(1, ITEMS + 1))


def _sync_on(pi, memory, preload):
    first = memory.release + 1
    pi.sh(f"(for release in $(seq {first} {RELEASES}); do {preload} {KIOSK} sync --from /opt/lab/feed-$release >/run/sync.log 2>&1 "
          "&& echo SYNCED $release >/dev/ttyS1; done &)")


def _released(lab):
    """The last release whose sync was told outside."""
    text = open(os.path.join(lab.files(), "journal.log"), encoding="utf-8", errors="replace").read()
    return max((int(number) for number in re.findall(r"SYNCED (\d+)\r?\n", text)), default=1)


def _scan_until(lab, pi, memory, end):
    """Green and yellow in turn, so that each verdict is seen by its colour; ends with the power. Each item is another one: one that comes
    back at once has its row already, and its lamp lights by that."""
    while True:
        item = next(memory.items)
        for label, lamps, outcome in ((f"good-{item}", ACCEPTED, "accept"), (f"yellow-{item}", HELD, "hold")):
            lab.hold_up(pi, label)
            while lamps_of(pi) != lamps:
                if time.monotonic() > end:
                    return
            memory.outcomes.append(outcome)


def _what_is_missing(lab, pi, memory):
    """What the card has lost, in words; none of it if all is there."""
    if pi.attempt("test -e /var/lib/greengate/journal.db")[0] != 0:
        return f"{len(memory.outcomes)} verdicts were seen, and there is no journal" if memory.outcomes else None
    code, said = pi.attempt(f"{KIOSK} journal verify")
    if code != 0:
        return f"the journal does not verify: {said}"
    outcomes = lab.outcomes(pi)
    # The last row of each run may have been written without its lamp having been seen.
    at = 0
    for outcome in memory.outcomes:
        if at < len(outcomes) and outcomes[at] != outcome:
            at += 1
        if at >= len(outcomes) or outcomes[at] != outcome:
            return f"{len(memory.outcomes)} verdicts were seen, the journal has {len(outcomes)}"
        at += 1
    code, said = pi.attempt(f"{KIOSK} cache info")
    version = re.search(r"^version +(\d+) ", said, re.MULTILINE)
    if code != 0 or not version:
        return f"the list cannot be read: {said}"
    if not memory.release <= int(version[1]) <= memory.release + 1:
        return f"release {memory.release} was synced, the card has {version[1]}"
    memory.release, memory.outcomes = int(version[1]), outcomes
    return None


def _cut(lab, memory, preload=""):
    """One start, from the look at what the last cut has left to the next cut; what was missing."""
    with lab.power_on(keeping=True, words=LEAN) as pi:
        pi.wait_for_shell()
        missing = _what_is_missing(lab, pi, memory)
        if missing:
            return missing
        lab.start_lean(pi, preload=preload)
        _sync_on(pi, memory, preload)
        _scan_until(lab, pi, memory, time.monotonic() + random.uniform(0.5, LONGEST_S))
        pi.cut_power()
    memory.release = max(memory.release, _released(lab))
    return None


def _look(lab, memory):
    with lab.power_on(keeping=True, words=LEAN) as pi:
        pi.wait_for_shell()
        return _what_is_missing(lab, pi, memory)


def power_cuts(lab):
    """The power goes while labels are scanned and lists synced: every shown verdict is found again, the list is the old one or the new."""
    memory = Memory()
    for number in range(1, CUTS + 1):
        missing = _cut(lab, memory)
        if missing:
            raise Failed(f"after cut {number - 1}: {missing}")
        lab.say(f"cut {number}: {len(memory.outcomes)} verdicts seen, release {memory.release}")
    missing = _look(lab, memory)
    lab.check(missing is None, f"after the last of {CUTS} cuts: {missing or 'everything is there'}")


def power_cuts_control(lab):
    """The same with a kiosk whose fsync does nothing: something has to be missing, or the scenario above sees nothing."""
    memory, missing = Memory(), None
    for _ in range(CONTROL_CUTS):
        missing = _cut(lab, memory, EATMYDATA)
        if missing:
            break
    missing = missing or _look(lab, memory)
    lab.check(missing is not None, f"the control lost something: {missing or 'nothing'}")


ALL = [power_cuts, power_cuts_control]
