#!/usr/bin/env python3
"""Gives a subset its own name, as the Open Font License asks of modified versions.

usage: rename.py IN OUT STYLE
"""

import sys

from fontTools.ttLib import TTFont

FAMILY = "Greengate Sans"
COPYRIGHT, VERSION, LICENSE, LICENSE_URL = 0, 5, 13, 14

source, target, style = sys.argv[1:]
font = TTFont(source, recalcTimestamp=False)
names = font["name"]
kept = {i: names.getDebugName(i) for i in (COPYRIGHT, LICENSE, LICENSE_URL)}
names.names = []
postscript = f"{FAMILY.replace(' ', '')}-{style}"
texts = kept | {
    1: FAMILY,
    2: style,
    3: f"{postscript};2.004",
    4: f"{FAMILY} {style}",
    VERSION: "Version 2.004; a subset for Greengate",
    6: postscript,
}
for number, text in texts.items():
    if text:
        names.setName(text, number, 3, 1, 0x409)
cff = font["CFF "].cff
cff.fontNames = [postscript]
top = cff.topDictIndex[0]
top.FullName, top.FamilyName, top.Weight = f"{FAMILY} {style}", FAMILY, style
font.save(target)
