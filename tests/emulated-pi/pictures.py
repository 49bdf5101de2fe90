"""Pictures in the three forms that occur here: PNG of our own programs, PPM of QEMU, PGM for the fed camera."""
import re
import struct
import zlib


class Picture:
    """Rows of bytes, `channels` (1 or 3) for each pixel."""

    def __init__(self, width, height, channels, rows):
        self.width, self.height, self.channels, self.rows = width, height, channels, rows

    def pixel(self, x, y):
        return tuple(self.rows[y][x * self.channels:(x + 1) * self.channels])


def read_ppm(path):
    """QEMU's screendump."""
    data = open(path, "rb").read()
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    width, height = int(head[1]), int(head[2])
    rows = [data[head.end() + 3 * width * y:][:3 * width] for y in range(height)]
    return Picture(width, height, 3, rows)


def _unfilter(data, stride, step):
    """PNG's five filters, row by row (PNG specification, 9.2)."""
    rows, above = [], bytes(stride)
    for start in range(0, len(data), stride + 1):
        kind, row = data[start], bytearray(data[start + 1:start + 1 + stride])
        for i in range(stride) if kind else ():
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            up = above[i]
            if kind == 4:
                guess = left + up - corner
                nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            else:
                nearest = (0, left, up, (left + up) // 2)[kind]
            row[i] = (row[i] + nearest) & 255
        rows.append(bytes(row))
        above = row
    return rows


def read_png(path):
    """Grey of 1 or 8 bits, or RGB of 8: what our programs write."""
    data = open(path, "rb").read()
    chunks, at = {}, 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        chunks[kind] = chunks.get(kind, b"") + data[at + 8:at + 8 + length]
        at += 12 + length
    width, height, bits, colour, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if (bits, colour) not in ((1, 0), (8, 0), (8, 2)):
        raise ValueError(f"{path}: a PNG of {bits} bits, colour type {colour}")
    channels = 3 if colour == 2 else 1
    stride = (width * bits * channels + 7) // 8
    rows = _unfilter(zlib.decompress(chunks[b"IDAT"]), stride, max(1, bits * channels // 8))
    if bits == 1:
        rows = [bytes(255 * (row[x // 8] >> (7 - x % 8) & 1) for x in range(width)) for row in rows]
    return Picture(width, height, channels, rows)


def write_png(path, picture):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    colour = 2 if picture.channels == 3 else 0
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in picture.rows), 9)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def write_pgm(path, picture):
    with open(path, "wb") as file:
        file.write(b"P5 %d %d 255\n" % (picture.width, picture.height) + b"".join(picture.rows))


def on_a_table(label, width, height, grey=110):
    """A label's picture in the middle of a frame."""
    if label.width > width or label.height > height:
        raise ValueError(f"a label of {label.width}x{label.height} is larger than the frame")
    left, top = (width - label.width) // 2, (height - label.height) // 2
    rows = [bytes([grey]) * width for _ in range(height)]
    for y, row in enumerate(label.rows):
        rows[top + y] = bytes([grey]) * left + row + bytes([grey]) * (width - left - label.width)
    return Picture(width, height, 1, rows)


def as_grey(picture):
    """One channel of a picture in which all are alike."""
    return Picture(picture.width, picture.height, 1, [row[::picture.channels] for row in picture.rows])


def differing(left, right, shades, but=()):
    """How many pixels differ by more than `shades` in some channel, outside the rectangles (x, y, width, height) of `but`."""
    if (left.width, left.height, left.channels) != (right.width, right.height, right.channels):
        return left.width * left.height
    count = 0
    for y in range(left.height):
        if left.rows[y] == right.rows[y]:
            continue
        hidden = [(x, x + width) for x, top, width, height in but if top <= y < top + height]
        for x in range(left.width):
            if any(begin <= x < end for begin, end in hidden):
                continue
            count += any(abs(a - b) > shades for a, b in zip(left.pixel(x, y), right.pixel(x, y)))
    return count
