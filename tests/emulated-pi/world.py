"""What stands around the emulated Pi: an authority with its labels and its feed, and the card with the package on it."""
import glob
import hashlib
import os
import shutil
import subprocess
import time

import pictures

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(PROJECT, "target")))
CARD_SIZE = "1G"  # a power of two, as QEMU asks of cards
# Of assets/authority/listings.csv: green and never drawn for review; yellow, a document is missing.
GREEN, YELLOW = 1004, 1003
# Enough for every cut to see new ones.
ITEMS = 120
RELEASES = 60


def ran(*command, **more):
    """Runs a program that must succeed; what it printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode != 0:
        raise SystemExit(f"`{' '.join(command)}` ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def _digest(*places):
    """Of these files and of all below these folders of the project."""
    digest = hashlib.sha256()
    for place in places:
        whole = os.path.join(PROJECT, place)
        for path in sorted([whole, *glob.glob(os.path.join(whole, "**"), recursive=True)]):
            if os.path.isfile(path):
                digest.update(open(path, "rb").read())
    return digest.hexdigest()


class World:
    """An authority, made once for a lab and anew when the authority's source changed. Its clock stands still at the moment of its first release, so that neither its feed nor
    the scenes on the screen grow old."""

    def __init__(self, lab):
        self.folder = os.path.join(lab, "world")
        source = _digest("src/hub", "src/rules", "src/store", "assets/authority", "tests/emulated-pi/world.py")
        if not os.path.exists(self.path("clock")) or open(self.path("source"), encoding="utf-8").read() != source:
            shutil.rmtree(self.folder, ignore_errors=True)
            os.makedirs(self.path("frames"))
            with open(self.path("source"), "w", encoding="utf-8") as file:
                file.write(source)
            self._make()
        self.clock = float(open(self.path("clock"), encoding="utf-8").read())

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def hub(self, authority, *words):
        os.makedirs(self.path(authority), exist_ok=True)
        program = os.path.join(TARGET, "debug/greengate-hub")
        return ran(program, *words, cwd=self.path(authority))

    def _make(self):
        tables = sorted(glob.glob(os.path.join(PROJECT, "assets/authority/*.csv")))
        for authority in ("real", "forger"):
            self.hub(authority, "init")
            self.hub(authority, "import", *tables)
        self._label("real", GREEN, "good", ITEMS)
        self._label("real", YELLOW, "yellow", ITEMS)
        self._label("forger", GREEN, "forged", 1)
        # The first release is on every card; the others are there to be synced.
        for release in range(1, RELEASES + 1):
            if release > 1:
                grade = ("green",) if release % 2 else ("red", "--reason", "120")
                self.hub("real", "grade", "1001", *grade, "--why", "to have a change")
            self.hub("real", "publish", "--to", self.path("feed"))
            shutil.copytree(self.path("feed"), self.path("feeds", f"feed-{release}"))
        with open(self.path("clock"), "w", encoding="utf-8") as file:
            file.write(str(time.time() + 60))

    def _label(self, authority, listing, name, count):
        """Frames `name-1` … of as many items."""
        folder = self.path(authority, name)
        self.hub(authority, "issue", str(listing), "--lot", "A-1", "--count", str(count), "--host", "QR.EXAMPLE.COM", "-o", folder)
        for number, label in enumerate(sorted(glob.glob(f"{folder}/*.png")), 1):
            frame = pictures.on_a_table(pictures.read_png(label), 640, 480)
            pictures.write_pgm(self.path("frames", f"{name}-{number}.pgm"), frame)


def card(lab, world, package):
    """A card with the package installed and configured, as a person would do it; made anew when something of it changed."""
    digest = hashlib.sha256(open(package, "rb").read() + str(world.clock).encode())
    digest.update(_digest("tests/emulated-pi/guest", "tests/emulated-pi/world.py", "boards").encode())
    digest.update(str(os.path.getmtime(os.path.join(lab, ".done-dressed"))).encode())
    image, mark = os.path.join(lab, "card.img"), os.path.join(lab, "card.sha256")
    if os.path.exists(mark) and open(mark, encoding="utf-8").read() == digest.hexdigest():
        return image
    root = os.path.join(lab, "card")
    shutil.rmtree(root, ignore_errors=True)
    ran("cp", "-a", os.path.join(lab, "root"), root)
    ran("mount", "-t", "proc", "proc", os.path.join(root, "proc"))
    try:
        _install(root, package)
        _configure(root, world)
    finally:
        ran("umount", os.path.join(root, "proc"))
    if os.path.exists(image):
        os.remove(image)
    ran("truncate", "-s", CARD_SIZE, image)
    ran("mkfs.ext4", "-q", "-F", "-d", root, image)
    shutil.rmtree(root)
    with open(mark, "w", encoding="utf-8") as file:
        file.write(digest.hexdigest())
    return image


def _install(root, package):
    shutil.copy(package, os.path.join(root, "greengate.deb"))
    said = ran("chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends", "./greengate.deb")
    os.remove(os.path.join(root, "greengate.deb"))
    with open(os.path.join(root, "opt/lab/install.log"), "w", encoding="utf-8") as file:
        file.write(said)


def _configure(root, world):
    # What the first start does; nothing of systemd runs here.
    ran("chroot", root, "systemd-tmpfiles", "--create", "greengate.conf")
    shutil.copytree(world.path("frames"), os.path.join(root, "opt/lab/frames"))
    shutil.copytree(world.path("feeds"), os.path.join(root, "opt/lab"), dirs_exist_ok=True)
    shutil.copytree(os.path.join(HERE, "guest", "boards"), os.path.join(root, "opt/lab/boards"))
    folder = os.path.join(root, "etc/greengate")
    board = os.path.join(root, "opt/lab/emulated-pi.toml")
    shutil.copy(os.path.join(PROJECT, "boards/emulated-pi.toml"), board)
    shutil.copy(board, os.path.join(folder, "board.toml"))
    shutil.copy(os.path.join(HERE, "guest", "site.toml"), folder)
    shutil.copy(world.path("feed", "metadata", "1.root.json"), os.path.join(folder, "root.json"))
    ran("chroot", root, "setpriv", "--reuid=greengate", "--regid=greengate", "--init-groups",
        "greengate", "--config", "/etc/greengate", "sync", "--from", "/opt/lab/feed-1")
