"""A judge of the audit log that shares no code with it: reads the feed's folder `audit` as c2sp.org/tlog-tiles has it,
hashes it as RFC 6962 defines it, word for word, and checks a proof. Says what it found, a line for each.

    python3 audit.py FEED/audit KEY PROOF
"""

import base64
import hashlib
import pathlib
import sys


def sha(data):
    return hashlib.sha256(data).digest()


def tree_hash(hashes):
    """RFC 6962, 2.1, of leaves that are hashed already."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b"\x01" + tree_hash(hashes[:k]) + tree_hash(hashes[k:]))


def tile(folder, level, index, width):
    name = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        name = f"x{index % 1000:03d}/{name}"
    path = folder / "tile" / str(level) / (name if width == 256 else f"{name}.p/{width}")
    data = path.read_bytes()
    assert len(data) == width * 32, path
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def level_of(folder, level, size):
    count = size >> (8 * level)
    found = []
    for index in range(0, (count + 255) // 256):
        found += tile(folder, level, index, min(256, count - 256 * index))
    return found


def opened(note, key):
    """The text of a signed note, by the key of the log."""
    name, number, public = key.split("+", 2)
    public = base64.b64decode(public)
    assert public[0] == 1 and len(public) == 33
    assert sha(name.encode() + b"\n" + public)[:4].hex() == number
    text, signatures = note.split("\n\n", 1)
    line = signatures.splitlines()[0]
    dash, signer, signature = line.split(" ")
    signature = base64.b64decode(signature)
    assert (dash, signer, signature[:4].hex()) == ("\u2014", name, number)
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        print("signature not checked: no `cryptography`")
    else:
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], (text + "\n").encode())
        print("signature right")
    origin, size, root = text.split("\n")[:3]
    assert origin == name
    return int(size), base64.b64decode(root)


def proven(entry, index, size, path):
    """The root that a proof leads to: RFC 6962, 2.1.1, read backwards."""

    def climb(low, high, rest):
        if high - low == 1:
            assert not rest
            return sha(b"\x00" + entry)
        k = 1
        while 2 * k < high - low:
            k *= 2
        if index < low + k:
            return sha(b"\x01" + climb(low, low + k, rest[:-1]) + rest[-1])
        return sha(b"\x01" + rest[-1] + climb(low + k, high, rest[:-1]))

    return climb(0, size, path)


def main():
    folder, key, proof = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    size, root = opened((folder / "checkpoint").read_text(), key)
    leaves = level_of(folder, 0, size)
    assert len(leaves) == size and tree_hash(leaves) == root
    print(f"root of {size} leaves right")
    level = 1
    while size >> (8 * level):
        lower = level_of(folder, level - 1, size)
        whole = [tree_hash(lower[at : at + 256]) for at in range(0, len(lower) - 255, 256)]
        assert whole == level_of(folder, level, size)
        print(f"tiles of level {level} right")
        level += 1
    head, checkpoint = proof.read_text().split("\n\n", 1)
    first, extra, index, *path = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    entry, index = base64.b64decode(extra.removeprefix("extra ")), int(index.removeprefix("index "))
    size, root = opened(checkpoint, key)
    assert proven(entry, index, size, [base64.b64decode(line) for line in path]) == root
    print(f"leaf {index} proven: {entry.decode()}")


main()
