#!/usr/bin/env bash
# The simulator beside the sockets: pain-reflex under epyc-2 and live, at three rates and two queue
# limits; prints the table of docs/fidelity.md. On an idle machine.
#   bench/live/fidelity.sh build/release/nerve
set -euo pipefail
nerve=${1:?the program}
here=$(cd "$(dirname "$0")/../.." && pwd)
repeat=${REPEAT:-3}

# figures MODE RATE LIMIT: p50, p99 of a signal over a link (ns), CPU time a signal (ns), dropped.
figures() {
    local flag=() cpu=.hosts.here.busy_ns
    [[ $1 == live ]] && flag=(--live)
    "$nerve" run "$here/scenarios/pain-reflex.yml" "${flag[@]}" --no-store --json \
        --set workload.reflexes.rate="$2" --set synapses.queue_limit="$3" --set expect.quick=~ 2>/dev/null |
        jq -r "[.signals.pain.latency_ns.p50, .signals.pain.latency_ns.p99,
                ($cpu / .signals.pain.delivered | floor),
                (.live.others_cpu_ppm // 0)] | @tsv"
}

# The run with the median p50 of several.
median() {
    for ((i = 0; i < repeat; i++)); do figures "$@"; done | sort -n | sed -n "$((repeat / 2 + 1))p"
}

us() {
    awk -v ns="$1" 'BEGIN { printf((ns < 100000) ? "%.1f" : "%.0f", ns / 1000) }'
}

ratio() {
    awk -v sim="$1" -v live="$2" 'BEGIN { printf("%.2f", live / sim) }'
}

echo "| signals/s | queue limit | p50 sim, live (us) | ratio | p99 sim, live (us) | ratio | CPU a signal sim, live (us) | ratio |"
echo "|---|---|---|---|---|---|---|---|"
for rate in 1k/s 10k/s 50k/s; do
    for limit in 1 16; do
        read -r s50 s99 scpu _ < <(repeat=1 median sim "$rate" "$limit")
        read -r l50 l99 lcpu others < <(median live "$rate" "$limit")
        printf '| %s | %s | %s, %s | %s | %s, %s | %s | %s, %s | %s |\n' "$rate" "$limit" \
            "$(us "$s50")" "$(us "$l50")" "$(ratio "$s50" "$l50")" \
            "$(us "$s99")" "$(us "$l99")" "$(ratio "$s99" "$l99")" \
            "$(us "$scpu")" "$(us "$lcpu")" "$(ratio "$scpu" "$lcpu")"
        echo "rate $rate limit $limit: other work took $((others / 10000)) % of the cores" >&2
    done
done
