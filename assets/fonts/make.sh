#!/bin/sh
# Makes GreengateSans-{Medium,Bold}.otf from Debian's Noto Sans CJK SC. README.md tells why and from which versions.
# Needs: apt-get (Debian 12), dpkg, python3 with venv. Downloads about 190 MB into a scratch folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download fonts-noto-cjk=1:20220127+repack1-1 fonts-noto-cjk-extra=1:20220127+repack1-1
for package in *.deb; do dpkg -x "$package" noto; done
python3 -m venv tools
tools/bin/pip install --quiet fonttools==4.68.0

# The third font of each collection is the one for simplified Chinese.
for style in Medium Bold; do
    tools/bin/python "$here/charset.py" > points.txt
    if [ "$style" = Bold ]; then cp "$here/bold.txt" points.txt; fi
    tools/bin/pyftsubset "noto/usr/share/fonts/opentype/noto/NotoSansCJK-$style.ttc" --font-number=2 \
        --unicodes-file=points.txt --output-file="$style.otf" \
        --layout-features='' --no-hinting --notdef-outline --name-IDs='*' --no-recalc-timestamp \
        --drop-tables+=GSUB,GPOS,GDEF,BASE,VORG,vhea,vmtx,DSIG
    tools/bin/python "$here/rename.py" "$style.otf" "$here/GreengateSans-$style.otf" "$style"
done
ls -l "$here"/*.otf
