#!/usr/bin/env bash
# The price of strictness: pain-reflex live at several queue limits, above what the links carry and
# at half of that; prints the table of README. On an idle machine.
#   bench/live/strictness.sh build/release/nerve
set -euo pipefail
nerve=${1:?the program}
here=$(cd "$(dirname "$0")/../.." && pwd)

run() { # LIMIT RATE
    "$nerve" run "$here/scenarios/pain-reflex.yml" --live --no-store --json --set expect.quick=~ \
        --set synapses.queue_limit="$1" --set workload.reflexes.rate="$2/s" 2>/dev/null
}

ms() {
    awk -v ns="$1" 'BEGIN { printf "%.3g", ns / 1000000 }'
}

echo "| queue limit | signals/s between workers, at most | p50 at half of it | p99 | held in links: peak, p50, p99 | dropped, lost |"
echo "|---|---|---|---|---|---|"
for limit in 1 4 16 1000; do
    # What came per second of the measured time, of a rate that is too high by far.
    read -r all crossing < <(run "$limit" 1000000 | jq -r '
        ((.time.virtual_ns - 2000000000) / 1e9) as $s |
        [(.signals.pain.delivered / $s | floor),
         (.live.synapses.crossed / (.time.virtual_ns / 1e9) | floor)] | @tsv')
    run "$limit" $((all / 2)) | jq -r --argjson c "$crossing" --arg l "$limit" '
        [$l, $c, .signals.pain.latency_ns.p50, .signals.pain.latency_ns.p99, .buffers.link.peak,
         .buffers.link.held_ns.p50, .buffers.link.held_ns.p99,
         .account.dropped.all, .account.duplicated] | @tsv' |
        while read -r l c p50 p99 peak h50 h99 dropped duplicated; do
            echo "| $l | $c | $(ms "$p50") ms | $(ms "$p99") ms | $peak, $(ms "$h50"), $(ms "$h99") ms | $dropped, $duplicated |"
        done
done
