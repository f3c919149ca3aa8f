# Half a million cells on real sockets: one misrouted line, by origin and by edge, in the same
# minutes; and what gradient-error expects, live. ctest: full timeout=300
. "$(dirname "$0")/live_lib.sh"

storm() { # STRATEGY: figures into STRATEGY.json
    expect_code 0 "$NERVE" run "$NERVE_SOURCE/scenarios/misrouted-debug.yml" --live --no-store \
        --set run.drain=3s --set genome.types.cell.always.any.work=0us \
        --set workload.reflexes.rate=100/s --strategy "$1" --json
    cp out "$1.json"
    [ "$(jq -c '[.signals.debug.reached, .signals.debug.reachable, .account.closes]' out)" = \
        '[499999,499999,true]' ] || fail "$1: $(jq -c '[.signals.debug, .account]' out)"
}

storm flat
storm edge
[ "$(jq .signals.debug.copies_between_nodes flat.json)" -ge 499000 ] || fail "flat made few copies"
[ "$(jq .signals.debug.copies_between_nodes edge.json)" -lt 2000 ] || fail "edge made many copies"
# A ratio of two runs of the same minutes, not a time: edge is at least 20 times sooner.
jq -e --slurpfile flat flat.json '$flat[0].signals.debug.last_ns >= 20 * .signals.debug.last_ns' \
    edge.json >/dev/null ||
    fail "flat $(jq .signals.debug.last_ns flat.json) ns, edge $(jq .signals.debug.last_ns edge.json) ns"

expect_code 0 "$NERVE" run "$NERVE_SOURCE/scenarios/gradient-error.yml" --live --no-store
expect_words out "all 5 held"
finish
