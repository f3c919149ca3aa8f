# How much memory the misrouted line takes at full size: at most 96 MiB at 500,000 cells, 1 GiB at
# five million. How long the first takes is said, not judged.
# ctest: full timeout=300
set -euo pipefail
: "${NERVE:?the path of the program}"

# A sanitizer's own memory is not the program's.
! grep -q __asan_init "$NERVE" || exit 77

# peak_within MIB ARGUMENTS...: runs the storm with them.
peak_within() {
    local most=$1
    shift
    "$NERVE" run scenarios/misrouted-debug.yml "$@" --json --no-store --set 'expect=~' |
        jq -re --argjson most "$most" --arg what "$*" '
            "\(.colony.cells) cells, `\($what)`: \(.memory.peak_rss_bytes / 1048576 | floor) MiB of \($most)," +
            " \(.time.wall_ns / 1000000 | floor) ms of wall time, \(.speed.wakes) wakes",
            if .memory.peak_rss_bytes > $most * 1048576 then error("too much memory") else empty end,
            if .account.closes and .signals.debug.reached == .signals.debug.reachable then empty
            else error("not everybody woke") end'
}

peak_within 96
peak_within 96 --set partitioning.strategy=edge
peak_within 96 --set genome.types.cell.always.any.work=0us
peak_within 1024 --set colony.cells=5M --set run.duration=10s
