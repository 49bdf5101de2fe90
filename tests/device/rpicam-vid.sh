#!/bin/sh
# Stands in for `rpicam-vid`: takes its arguments, writes YUV420 frames to standard output, and does what its name says.
# Whoever waits holds no pipe open beside the one process that the camera knows.
folder=$(dirname "$0")
printf '%s\n' "$*" >>"$folder/arguments"
echo $$ >>"$folder/pids"
while [ $# -gt 0 ]; do
    case $1 in
    --width) width=$2 ;;
    --height) height=$2 ;;
    esac
    shift
done
luma=$((width * height))

# A frame of one shade, given in octal. Its colours are 255, which no shade here is.
frame() {
    head -c "$luma" /dev/zero | tr '\000' "\\$1"
    head -c $((luma / 2)) /dev/zero | tr '\000' '\377'
}

# One frame after the other, each of another shade.
frames() {
    shade=64
    while :; do
        [ -z "$1" ] || head -c 200000 /dev/zero | tr '\000' x >&2
        frame "$(printf %o $shade)"
        shade=$((64 + (shade + 1) % 128))
        sleep 0.02 >&- 2>&-
    done
}

case ${0##*/} in
steady) frames ;;
complains) frames loudly ;;
stops)
    frame 132
    exec sleep 1000
    ;;
mute) exec sleep 1000 ;;
short)
    frame 132
    head -c 1000 /dev/zero
    ;;
crashes)
    echo "[0:01:02.345678901] [$$]  INFO Camera camera_manager.cpp:326 libcamera v0.5.1" >&2
    echo "[0:01:02.345678999] [$$] ERROR: *** no cameras available ***" >&2
    exit 255
    ;;
taken)
    # As rpicam-vid 1.5 does beside another one.
    echo "[0:19:06.419779286] [$$]  INFO Camera camera.cpp:839 Pipeline handler in use by another process" >&2
    echo "ERROR: *** failed to acquire camera /base/soc/i2c0mux/i2c@1/ov5647@36 ***" >&2
    exit 255
    ;;
clings)
    # Somebody else keeps its standard output open after its end.
    sleep 60 &
    exec sleep 1000
    ;;
shouts)
    # Standard output stays open, under another number.
    exec 3>&1
    exec yes "[0:01:02] WARN nothing works" >&2
    ;;
esac
