# A worker that stands still for a known time: the probe says how long, within 10 %, and no figure of
# death or deafness is ever unknown.
. "$(dirname "$0")/live_lib.sh"

now_us() { echo "${EPOCHREALTIME/./}"; }

# stall DB: a run whose worker 1 stands still for a while; least and most: how long, in us.
stall() {
    local victim before after until end
    start_live reflex.yml --set run.duration=2s --set run.drain=1s --json --db "$1"
    until_mid_run "$1"
    victim=$(worker_of 1)
    before=$(now_us)
    kill -STOP "$victim"
    after=$(now_us)
    sleep 0.4 # the time that it stands still
    until=$(now_us)
    kill -CONT "$victim"
    end=$(now_us)
    ends_within 20 0
    leaves_nothing
    least=$((until - after)) most=$((end - before))
    figure '.hosts.here | [.death_at_ns, .dead_ns, .longest_wait_ns, .deaf.first_at_ns,
        .deaf.longest_ns, .deaf.total_ns] | map(type) | unique' '["number"]'
    figure .account.closes true
    figure .account.dropped.all 0
    figure .account.in_flight 0
    for each in .longest_wait_ns .dead_ns .deaf.longest_ns; do
        [ "$(jq ".hosts.here$each" out)" -ge $((least * 900)) ] ||
            fail "$each is $(jq ".hosts.here$each" out); it stood still for $least us"
    done
}

not_more() {
    [ "$(jq ".hosts.here$1" out)" -le $((most * 1100)) ]
}

# A busy machine may keep it from going on at once, so that it is not the stall alone that it waits.
for attempt in 1 2 3 4 5; do
    stall "$attempt.db"
    ! not_more .longest_wait_ns || ! not_more .deaf.longest_ns || break
    [ "$attempt" != 5 ] || fail "it waited longer than it stood still ($most us): $(jq .hosts.here out)"
done
expect_code 0 "$NERVE" show 1 --db 1.db
expect_words out "DIED at"
finish
