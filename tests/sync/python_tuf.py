"""Another implementation of The Update Framework, python-tuf, as a reader of feeds and as their forger.

read ADDRESS ROOT FOLDER       reads the feed at ADDRESS from the first root in ROOT on; FOLDER keeps what it trusts from
                               one run to the next. Prints what it read as one line of JSON.
museum ADDRESS FOLDER          reads the metadata of each feed in FOLDER, which is served at ADDRESS, as its `case.json` says;
                               prints for each what python-tuf objects to, or null.
forge FOLDER LIST-1 LIST-2     writes feeds into FOLDER: `good` with the list 1, `next` with the list 2, and beside them
                               what an attacker makes of `next`.
"""

import hashlib
import json
import shutil
import sys
from copy import deepcopy
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Role, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import Updater

ISSUED = "2026-11-24T01:00:00Z"
EXPIRES = datetime(2026, 12, 24, tzinfo=timezone.utc)
EXPIRED = datetime(2026, 11, 24, 1, 59, 59, tzinfo=timezone.utc)
ONLINE = ("timestamp", "snapshot", "targets")


def read(address, root, folder):
    folder = Path(folder)
    metadata, files = folder / "metadata", folder / "files"
    for each in (metadata, files):
        each.mkdir(parents=True, exist_ok=True)
    bootstrap = Path(root).read_bytes()
    updater = Updater(str(metadata), f"{address}/metadata/", str(files), f"{address}/targets/", bootstrap=bootstrap)
    updater.refresh()
    found = {role: Metadata.from_file(str(metadata / f"{role}.json")).signed for role in ("root", *ONLINE)}
    told = {role: signed.version for role, signed in found.items()}
    told["issued"] = found["timestamp"].unrecognized_fields["x-issued"]
    told["files"] = {}
    for name in found["targets"].targets:
        info = updater.get_targetinfo(name)
        content = Path(updater.download_target(info)).read_bytes()
        told["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "custom": info.custom}
    print(json.dumps(told))


def museum(address, folder):
    cases = {path.parent.name: json.loads(path.read_text()) for path in Path(folder).glob("*/case.json")}

    def look(name, metadata):
        """The error with which the feed `name` is refused, after those before it."""
        case = cases[name]
        first = case.get("before", name)
        if first != name and (error := look(first, metadata)):
            raise error
        root = (Path(folder) / first / "metadata" / "1.root.json").read_bytes()
        try:
            updater = Updater(str(metadata), f"{address}/{name}/metadata/", bootstrap=root)
            # Its clock is its own, and there is no other way to set it.
            updater._trusted_set.reference_time = datetime.fromisoformat(case["now"])
            updater.refresh()
        except (RepositoryError, DownloadError) as error:
            return error

    told = {}
    for name in cases:
        with TemporaryDirectory() as metadata:
            error = look(name, Path(metadata))
        told[name] = error and f"{type(error).__name__}: {error}"
    print(json.dumps(told))


class Feed:
    """A feed before it is written; what is not said is right."""

    def __init__(self, to, content):
        self.signers = {role: CryptoSigner.generate_ed25519() for role in ONLINE}
        self.root_signers = [CryptoSigner.generate_ed25519() for _ in range(3)]
        roles = {role: Role([signer.public_key.keyid], 1) for role, signer in self.signers.items()}
        roles["root"] = Role([signer.public_key.keyid for signer in self.root_signers], 2)
        signers = [*self.signers.values(), *self.root_signers]
        keys = {signer.public_key.keyid: signer.public_key for signer in signers}
        self.first = Root(1, expires=EXPIRES, keys=keys, roles=roles, consistent_snapshot=True)
        # For each name in the feed the root that is there, and who signed it.
        self.roots = {1: (self.first, self.root_signers[:2])}
        self.versions = dict.fromkeys(ONLINE, 2)
        self.expires = dict.fromkeys(ONLINE, EXPIRES)
        self.list(to, content)

    def list(self, to, content):
        self.name, self.content = f"snapshot-{to}.jsonl.zst", content
        self.custom = {"from": 0, "to": to, "issued": ISSUED}

    def next(self, to, content):
        """What this authority publishes afterwards."""
        feed = self.like()
        feed.list(to, content)
        feed.versions = dict.fromkeys(ONLINE, 3)
        return feed

    def like(self):
        """A copy with the same keys."""
        feed = Feed.__new__(Feed)
        feed.__dict__ = {name: value.copy() if hasattr(value, "copy") else value for name, value in vars(self).items()}
        return feed

    def root(self, version, name, signers):
        root = deepcopy(self.first)
        root.version = version
        self.roots[name] = (root, signers)
        return root

    def signed(self, role, signed):
        metadata = Metadata(signed)
        metadata.sign(self.signers[role])
        return metadata.to_bytes()

    def write(self, folder):
        metadata, targets = folder / "metadata", folder / "targets"
        metadata.mkdir(parents=True)
        targets.mkdir()
        for name, (root, signers) in self.roots.items():
            whole = Metadata(root)
            for signer in signers:
                whole.sign(signer, append=True)
            (metadata / f"{name}.root.json").write_bytes(whole.to_bytes())
        target = TargetFile.from_data(self.name, self.content, ["sha256"])
        target.unrecognized_fields["custom"] = self.custom
        (targets / f"{target.hashes['sha256']}.{self.name}").write_bytes(self.content)
        versions, expires = self.versions, self.expires
        files = {self.name: target}
        text = self.signed("targets", Targets(versions["targets"], expires=expires["targets"], targets=files))
        (metadata / f"{versions['targets']}.targets.json").write_bytes(text)
        listed = {"targets.json": MetaFile.from_data(versions["targets"], text, ["sha256"])}
        text = self.signed("snapshot", Snapshot(versions["snapshot"], expires=expires["snapshot"], meta=listed))
        (metadata / f"{versions['snapshot']}.snapshot.json").write_bytes(text)
        listed = MetaFile.from_data(versions["snapshot"], text, ["sha256"])
        timestamp = Timestamp(versions["timestamp"], expires=expires["timestamp"], snapshot_meta=listed)
        timestamp.unrecognized_fields["x-issued"] = ISSUED
        (metadata / "timestamp.json").write_bytes(self.signed("timestamp", timestamp))


def forge(folder, first, second):
    folder, first, second = Path(folder), Path(first).read_bytes(), Path(second).read_bytes()
    good = Feed(1, first)
    good.write(folder / "good")
    feed = good.next(2, second)
    feed.write(folder / "next")
    old_metadata(folder, feed)
    mixed_metadata(folder, feed, second)
    wrong_signatures(folder, feed)
    wrong_roots(folder, feed)
    wrong_files(folder)


def old_metadata(folder, feed):
    for role in ONLINE:
        old = feed.like()
        old.versions[role] = 1
        old.write(folder / f"rollback-{role}")
        frozen = feed.like()
        frozen.expires[role] = EXPIRED
        frozen.write(folder / f"freeze-{role}")


def mixed_metadata(folder, feed, second):
    """Metadata of two publications by the same keys, with the same versions."""
    other = feed.like()
    other.list(3, second)
    other.write(folder / "other")
    for role in ("snapshot", "targets"):
        mixed = shutil.copytree(folder / "next", folder / f"mixed-{role}")
        shutil.copy(folder / "other" / "metadata" / f"3.{role}.json", mixed / "metadata")


def wrong_signatures(folder, feed):
    for role, signer in zip(ONLINE, ("snapshot", "targets", "timestamp")):
        swapped = feed.like()
        swapped.signers[role] = feed.signers[signer]
        swapped.write(folder / f"swapped-{role}")
        # The right key's number over another key's signature.
        lied = shutil.copytree(folder / f"swapped-{role}", folder / f"disguised-{role}")
        path = lied / "metadata" / ("timestamp.json" if role == "timestamp" else f"3.{role}.json")
        keyid = feed.signers[role].public_key.keyid
        edit(path, lambda text: text["signatures"][0].update(keyid=keyid))
        reseal(lied, feed, role)


def reseal(folder, feed, role):
    """Makes the metadata above `role` fit again, so that nothing but its signature is wrong."""
    metadata = folder / "metadata"
    if role == "targets":
        snapshot = Metadata.from_file(str(metadata / "3.snapshot.json"))
        text = (metadata / "3.targets.json").read_bytes()
        snapshot.signed.meta["targets.json"] = MetaFile.from_data(3, text, ["sha256"])
        snapshot.sign(feed.signers["snapshot"])
        snapshot.to_file(str(metadata / "3.snapshot.json"))
    if role != "timestamp":
        timestamp = Metadata.from_file(str(metadata / "timestamp.json"))
        text = (metadata / "3.snapshot.json").read_bytes()
        timestamp.signed.snapshot_meta = MetaFile.from_data(3, text, ["sha256"])
        timestamp.sign(feed.signers["timestamp"])
        timestamp.to_file(str(metadata / "timestamp.json"))


def wrong_roots(folder, feed):
    skipped = feed.like()
    skipped.root(3, 2, feed.root_signers[:2])
    skipped.write(folder / "root-skipped")
    # The new timestamp key is in root 3 alone, and 2 is not there.
    hole, key = feed.like(), CryptoSigner.generate_ed25519()
    root = hole.root(3, 3, feed.root_signers[:2])
    root.keys[key.public_key.keyid] = key.public_key
    root.roles["timestamp"].keyids = [key.public_key.keyid]
    hole.signers["timestamp"] = key
    hole.write(folder / "root-hole")
    few = feed.like()
    few.root(2, 2, feed.root_signers[:1])
    few.write(folder / "root-one-signature")
    twice = shutil.copytree(folder / "root-one-signature", folder / "root-signed-twice")
    edit(twice / "metadata" / "2.root.json", lambda text: text["signatures"].append(text["signatures"][0]))
    # Whoever replaces the root's keys has to have the old ones.
    taken, keys = feed.like(), [CryptoSigner.generate_ed25519() for _ in range(3)]
    root = taken.root(2, 2, [feed.root_signers[0], *keys])
    root.keys.update({key.public_key.keyid: key.public_key for key in keys})
    root.roles["root"].keyids = [key.public_key.keyid for key in keys]
    taken.write(folder / "root-taken-over")


def wrong_files(folder):
    changes = {
        "longer": lambda content: content + b"x",
        "shorter": lambda content: content[:-1],
        "changed": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    }
    for name, change in changes.items():
        wrong = shutil.copytree(folder / "next", folder / f"file-{name}")
        for path in (wrong / "targets").iterdir():
            path.write_bytes(change(path.read_bytes()))


def edit(path, change):
    text = json.loads(path.read_text())
    change(text)
    path.write_text(json.dumps(text))


if __name__ == "__main__":
    {"read": read, "museum": museum, "forge": forge}[sys.argv[1]](*sys.argv[2:])
