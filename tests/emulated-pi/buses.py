"""What went over a bus, as the kernel's own tracing tells, turned back into what the glass would show.

This knows the data sheets (Sitronix ST7789V v1.6, Solomon Systech SSD1306 rev. 1.1) and nothing of our program. Of a transfer on SPI the kernel tells
the length and the first 64 bytes, so a glass has pixels that are known and others that were written, with what is not told. The wire that
tells commands from data is not traced, so commands are known by their place: each is a transfer of one byte, and its parameters follow.
"""
import re
import subprocess

from pi import Failed
from pictures import Picture

# Commands and how many bytes of parameters each has; after 0x2C pixels follow.
PARAMETERS = {0x01: 0, 0x11: 0, 0x13: 0, 0x20: 0, 0x21: 0, 0x29: 0, 0x2A: 4, 0x2B: 4, 0x2C: 0, 0x33: 6, 0x36: 1, 0x3A: 1}
UNTOLD = b""
SLEEP_OUT, INVERSION_ON, DISPLAY_ON, COLUMNS, ROWS, MEMORY_WRITE, ADDRESS_MODE, PIXEL_FORMAT = 0x11, 0x21, 0x29, 0x2A, 0x2B, 0x2C, 0x36, 0x3A


def _told(trace, *how):
    told = subprocess.run(["trace-cmd", "report", *how, trace], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode(errors="replace")
    lost = re.search(r"(\d+) EVENTS (?:DROPPED|LOST)", told)
    if lost:
        raise Failed(f"the kernel's tracing lost {lost[1]} events")
    return told


def spi_transfers(trace):
    """The length and the first bytes of each transfer, from a file of trace-cmd."""
    told = _told(trace, "-R")
    # What stands between is text with any byte in it, ends of lines too.
    transfers = re.findall(r" spi_transfer_start: .*? len=(\d+) .*?tx_buf=ARRAY\[([0-9a-f, ]*)\]", told, re.DOTALL)
    if not transfers or len(transfers) != told.count(" spi_transfer_start:"):
        raise Failed(f"the tracing tells of {len(transfers)} transfers")
    return [(int(length), bytes.fromhex(data.replace(",", ""))) for length, data in transfers]


def i2c_messages(trace):
    """The bytes of each message, from a file of trace-cmd."""
    messages = re.findall(r" i2c_write: .* l=(\d+) \[([0-9a-f-]*)\]", _told(trace))
    if not messages or any(len(data) != 3 * int(length) - 1 for length, data in messages):
        raise Failed(f"the tracing tells of {len(messages)} messages, and not all are whole")
    return [bytes.fromhex(data.replace("-", "")) for _, data in messages]


def st7789(sent, width, height):
    """The glass after these transfers: rows of pixels, each three bytes as the controller spreads 5 and 6 bits, or UNTOLD."""
    glass = [[None] * width for _ in range(height)]
    window, state = {COLUMNS: (0, width - 1), ROWS: (0, height - 1)}, {}
    command, lacks, place = None, 0, None
    for length, data in sent:
        if lacks:
            if length != lacks:
                raise Failed(f"command {command:#04x} has {length} bytes")
            if command in window:
                window[command] = (int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big"))
            state[command], lacks = data, 0
        elif length == 1:
            command = data[0]
            if command not in PARAMETERS:
                raise Failed(f"command {command:#04x}")
            state[command], lacks = b"", PARAMETERS[command]
            place = (window[COLUMNS][0], window[ROWS][0]) if command == MEMORY_WRITE else None
        elif place and length % 2 == 0:
            place = _fill(glass, window, place, length // 2, data)
        else:
            raise Failed(f"{length} bytes after command {command}")
    if not {SLEEP_OUT, INVERSION_ON, DISPLAY_ON} <= state.keys() or state[PIXEL_FORMAT] != b"\x55" or state[ADDRESS_MODE] != b"\x00":
        raise Failed(f"the panel is not set up: {state}")
    if any(None in row for row in glass):
        raise Failed("some pixels were never written")
    return glass


def _fill(glass, window, place, count, data):
    (left, right), bottom = window[COLUMNS], window[ROWS][1]
    x, y = place
    for at in range(0, 2 * count, 2):
        if y > bottom:
            raise Failed("more pixels than the window has")
        glass[y][x] = UNTOLD
        if at + 1 < len(data):
            value = data[at] << 8 | data[at + 1]
            red, green, blue = value >> 11, value >> 5 & 63, value & 31
            glass[y][x] = bytes(((red << 3 | red >> 2), (green << 2 | green >> 4), (blue << 3 | blue >> 2)))
        x, y = (x + 1, y) if x < right else (left, y + 1)
    return x, y


def wrong_pixels(glass, meant):
    """How many pixels of a glass are told, and how many of them are not what was meant."""
    told = [(pixel, meant.pixel(x, y)) for y, row in enumerate(glass) for x, pixel in enumerate(row) if pixel is not UNTOLD]
    return len(told), sum(tuple(pixel) != wanted for pixel, wanted in told)


def as_565(picture):
    """A picture as a panel with 16 bits a pixel can show it."""
    def level(value, bits):
        most = (1 << bits) - 1
        value = (value * most + 127) // 255
        return value << (8 - bits) | value >> (2 * bits - 8)
    table = [bytes(level(value, bits) for value in range(256)) for bits in (5, 6, 5)]
    rows = [bytes(table[at % 3][value] for at, value in enumerate(row)) for row in picture.rows]
    return Picture(picture.width, picture.height, 3, rows)


def ssd1306(sent):
    """The glass of 128×64 after these messages, which wrote pages: black and white."""
    memory = [bytearray(128) for _ in range(8)]
    page = column = 0
    on = False
    for message in sent:
        kind, data = message[0], message[1:]
        if kind == 0x40:
            for byte in data:
                memory[page][column % 128] = byte
                column += 1
            continue
        if kind != 0x00:
            raise Failed(f"control byte {kind:#04x}")
        at = 0
        while at < len(data):
            byte = data[at]
            # Those with a parameter: addressing, pump, clock, rows, offset, pins, charge, level, contrast.
            if byte in (0x20, 0x8D, 0xD5, 0xA8, 0xD3, 0xDA, 0xD9, 0xDB, 0x81):
                if byte == 0x20 and data[at + 1] != 0x02:
                    raise Failed("not addressed by pages")
                at += 2
                continue
            at += 1
            if byte in (0xAE, 0xAF):
                on = byte == 0xAF
            elif byte & 0xF8 == 0xB0:
                page = byte & 7
            elif byte < 0x10:
                column = column & 0xF0 | byte
            elif byte < 0x20:
                column = column & 0x0F | (byte & 0x0F) << 4
    if not on:
        raise Failed("the panel was never switched on")
    # Column 0 and row 0 are at the top left, as the program asked by 0xA1 and 0xC8 for panels that hang the usual way.
    rows = [bytes(255 * (memory[y // 8][x] >> y % 8 & 1) for x in range(128)) for y in range(64)]
    return Picture(128, 64, 1, rows)
