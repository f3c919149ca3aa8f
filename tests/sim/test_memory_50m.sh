# Fifty million cells in at most 8 GiB. Takes half a minute, and a machine with that much memory.
# ctest: full timeout=3600
set -euo pipefail
: "${NERVE:?the path of the program}"

! grep -q __asan_init "$NERVE" || exit 77
free_kib=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
if [ "$free_kib" -lt $((9 * 1024 * 1024)) ]; then
    echo "no 9 GiB of memory free here"
    exit 77
fi

"$NERVE" run scenarios/misrouted-debug.yml --set colony.cells=50M --set run.duration=80s \
    --json --no-store --set 'expect=~' |
    jq -re '
        "\(.colony.cells) cells: \(.memory.peak_rss_bytes / 1048576 | floor) MiB of 8192," +
        " \(.time.wall_ns / 1000000000 | floor) s of wall time, \(.speed.wakes) wakes",
        if .memory.peak_rss_bytes > 8192 * 1048576 then error("too much memory") else empty end,
        if .account.closes and .signals.debug.reached == .signals.debug.reachable then empty
        else error("not everybody woke") end'
