#!/usr/bin/env bash
# Makes greengate-sans.otf: Noto Sans CJK SC Bold with the characters of GB 2312, Latin-1 and some signs, renamed.
# Needs Debian (or Raspberry Pi OS), python3-venv and the network. Run it in this folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download fonts-noto-cjk
dpkg-deb -x fonts-noto-cjk_*.deb font
python3 -m venv venv
venv/bin/pip --quiet install 'fonttools==4.60.1'
venv/bin/python - "$here/greengate-sans.otf" <<'PYTHON'
import sys
from fontTools import subset
from fontTools.ttLib import TTFont

path = "font/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
number = next(n for n in range(10) if TTFont(path, fontNumber=n)["name"].getDebugName(1).endswith("CJK SC"))
wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100))
wanted |= {ord(sign) for sign in "–—‘’“”…•·×✓✕▲●■□→←↑↓≤≥±℃µ€¥"}
for high in range(0xA1, 0xF8):
    for low in range(0xA1, 0xFF):
        try:
            wanted.add(ord(bytes([high, low]).decode("gb2312")))
        except UnicodeDecodeError:
            pass
options = subset.Options(font_number=number, hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
                         notdef_outline=True, drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"])
font = subset.load_font(path, options)
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=wanted)
subsetter.subset(font)
for record in font["name"].names:
    text = {1: "Greengate Sans", 2: "Bold", 3: "Greengate Sans Bold", 4: "Greengate Sans Bold", 6: "GreengateSans-Bold"}
    if record.nameID in text:
        record.string = text[record.nameID]
top = font["CFF "].cff
top.fontNames = ["GreengateSans-Bold"]
top.topDictIndex[0].FullName = "Greengate Sans Bold"
top.topDictIndex[0].FamilyName = "Greengate Sans"
font.save(sys.argv[1])
PYTHON
ls -l "$here/greengate-sans.otf"
