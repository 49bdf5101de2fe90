"""What went over a bus, turned back into what the glass would show.

This knows the data sheets (Sitronix ST7789V v1.6, Solomon Systech SSD1306 rev. 1.1) and nothing of our program. Bytes for I²C are those that the
kernel's tracing tells. Of a transfer on SPI it keeps 64 bytes only, so those are what the kernel was handed, as strace tells. The wire that
tells commands from data is in neither, so commands are known by their place: each is a transfer of one byte, and its parameters follow.
"""
import re
import subprocess

from pi import Failed
from pictures import Picture

# Commands and how many bytes of parameters each has; after 0x2C pixels follow.
PARAMETERS = {0x01: 0, 0x11: 0, 0x13: 0, 0x20: 0, 0x21: 0, 0x29: 0, 0x2A: 4, 0x2B: 4, 0x2C: 0, 0x33: 6, 0x36: 1, 0x3A: 1}
SLEEP_OUT, INVERSION_ON, DISPLAY_ON, COLUMNS, ROWS, MEMORY_WRITE, ADDRESS_MODE, PIXEL_FORMAT = 0x11, 0x21, 0x29, 0x2A, 0x2B, 0x2C, 0x36, 0x3A


def spi_transfers(trace):
    """The bytes of each write to the bus, from a file of `strace -xx`."""
    told = open(trace, encoding="ascii", errors="replace").read()
    writes = re.findall(r'write\(\d+, "((?:\\x[0-9a-f]{2})*)"(\.*), (\d+)\)', told)
    if not writes or any(cut or len(data) != 4 * int(length) for data, cut, length in writes):
        raise Failed(f"strace tells of {len(writes)} writes, and not all are whole")
    return [bytes.fromhex(data.replace("\\x", "")) for data, _, _ in writes]


def i2c_transfers(trace):
    """The bytes of each message on the bus, from a file of trace-cmd."""
    told = subprocess.run(["trace-cmd", "report", trace], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode(errors="replace")
    lost = re.search(r"(\d+) EVENTS (?:DROPPED|LOST)", told)
    if lost:
        raise Failed(f"the kernel's tracing lost {lost[1]} events")
    messages = re.findall(r" i2c_write: .* l=(\d+) \[([0-9a-f-]*)\]", told)
    if not messages or any(len(data) != 3 * int(length) - 1 for length, data in messages):
        raise Failed(f"the tracing tells of {len(messages)} messages, and not all are whole")
    return [bytes.fromhex(data.replace("-", "")) for _, data in messages]


def st7789(sent, width, height):
    """The glass after these transfers: RGB of 8 bits, as the controller spreads 5 and 6 bits."""
    glass = [[None] * width for _ in range(height)]
    state, command, window = {}, None, {COLUMNS: (0, width - 1), ROWS: (0, height - 1)}
    place, half = None, b""
    for data in sent:
        if command is not None and len(data) == PARAMETERS[command] > 0 and command not in state.get("done", ()):
            state["done"] = (command,)
            if command in window:
                window[command] = (int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big"))
            state[command] = data
        elif len(data) == 1 and data[0] in PARAMETERS and half == b"":
            command, state["done"] = data[0], ()
            state[command] = b""
            place = (window[COLUMNS][0], window[ROWS][0]) if command == MEMORY_WRITE else None
        elif place:
            place, half = _fill(glass, window, place, half + data)
        else:
            raise Failed(f"{data[:8].hex('-')} after command {command} is none that a panel knows")
    if not {SLEEP_OUT, INVERSION_ON, DISPLAY_ON} <= state.keys() or state.get(PIXEL_FORMAT) != b"\x55" or state.get(ADDRESS_MODE) != b"\x00":
        raise Failed(f"the panel is not set up: {state}")
    if any(None in row for row in glass):
        raise Failed("some pixels were never written")
    return Picture(width, height, 3, [b"".join(row) for row in glass])


def _fill(glass, window, place, data):
    (left, right), bottom = window[COLUMNS], window[ROWS][1]
    x, y = place
    for at in range(0, len(data) - 1, 2):
        if y > bottom:
            raise Failed("more pixels than the window has")
        value = data[at] << 8 | data[at + 1]
        red, green, blue = value >> 11, value >> 5 & 63, value & 31
        glass[y][x] = bytes(((red << 3 | red >> 2), (green << 2 | green >> 4), (blue << 3 | blue >> 2)))
        x, y = (x + 1, y) if x < right else (left, y + 1)
    return (x, y), data[len(data) & ~1:]


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
