#!/usr/bin/env python3
"""Prints the code points of Greengate Sans, one `U+XXXX` a line.

All of GB 2312 (6763 hanzi and its symbols, Greek, Cyrillic and kana), Latin-1, the dashes, quotation marks and
units that people write around them, and U+FFFD.
"""

EXTRA = "‐‑‒–—―‘’‚“”„†‡•…‰′″‹›⁄€℃℉№℗™Ωµ←↑→↓⇒−×÷≈≠≤≥■□▲△●○◆◇★☆✓✕〇�"


def gb2312():
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue


points = set(gb2312()) | set(map(ord, EXTRA)) | set(range(0x20, 0x7F)) | set(range(0xA0, 0x100))
print("\n".join(f"U+{point:04X}" for point in sorted(points)))
