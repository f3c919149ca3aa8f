# What `nerve check` foretells is within 20 % of what the run then uses: memory, and events where it
# tells any.
. "$(dirname "$0")/lib.sh"

# A sanitizer's own memory is not foretold.
! grep -q __asan_init "$NERVE" || exit 77

near() {
    local what=$1 foretold=$2 used=$3
    [ $((foretold * 5)) -ge $((used * 4)) ] && [ $((foretold * 5)) -le $((used * 6)) ] ||
        fail "$what: foretold $foretold, used $used"
}

compare() {
    expect_code 0 "$NERVE" check "$@" --json
    cp out foretold
    expect_code 0 "$NERVE" run "$@" --json --no-store --set 'expect=~'
    near "memory of $*" "$(jq .foretold.memory_bytes foretold)" "$(jq .memory.peak_rss_bytes out)"
    [ "$(jq .foretold.events foretold)" = null ] ||
        near "events of $*" "$(jq .foretold.events foretold)" "$(jq .speed.events out)"
    [ "$(jq .foretold.memory_bytes foretold)" = "$(jq .memory.foretold_bytes out)" ] ||
        fail "check and run foretell two things"
}

compare small.yml
compare misrouted-debug
compare misrouted-debug --strategy edge
compare misrouted-debug --set colony.cells=2M --set run.duration=500ms
compare pain-reflex
compare gradient-error
finish
