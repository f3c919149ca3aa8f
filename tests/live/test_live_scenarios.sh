# Small scenarios under the virtual clock and live: where timing cannot matter, both count the same.
# ctest: timeout=300
. "$(dirname "$0")/live_lib.sh"
cp "$NERVE_SOURCE"/tests/live/*.yml .

# same FILTER: a figure that both must have in common.
same() {
    local sim live
    sim=$(jq -c "$1" sim.json)
    live=$(jq -c "$1" live.json)
    [ "$sim" = "$live" ] || fail "$what: $1 is $live live, $sim under the virtual clock"
}

holds() {
    jq -e "$1" live.json >jq.out 2>&1 || fail "$what: live, not so: $1: $(jq -c .account live.json)"
}

# live SCENARIO ARGUMENTS...: a run that is in order, whatever it does.
live() {
    what="$*"
    expect_code 0 "$NERVE" run "$@" --live --no-store --json
    cp out live.json
    holds .account.closes
    holds '.account.in_flight == 0'
    holds '.account.dropped | .unreachable == 0 and .publish == 0 and .dead_cell == 0'
    holds '[.hosts[] | .longest_wait_ns, .dead_ns, .deaf.nodes, .deaf.total_ns, .deaf.longest_ns] |
        all(type == "number")'
    holds '[.hosts[] | .death_at_ns, .deaf.first_at_ns] | all(. != null)'
    directory_gone || fail "$what: a directory is left"
}

# both SCENARIO ARGUMENTS...: nothing is dropped, and both count the same.
both() {
    expect_code 0 "$NERVE" run "$@" --no-store --json
    cp out sim.json
    live "$@"
    holds '.account.dropped.all == 0'
    holds '[.signals[] | .reached == .reachable] | all'
    same .account.sent
    same .account.delivered
    same .account.duplicated
    same '.cells.types'
    same '[.signals[] | {emissions, copies, delivered, duplicates, reachable, reached, colony_wide}]'
    same '[.signals[] | .copies_between_nodes]'
    same '.traffic | {copies_between_nodes, copies_between_hosts, copies_local, bytes_between_nodes}'
    same .speed.wakes
}

both mixed.yml
both mixed.yml --strategy flat
both mixed.yml --set synapses.transport=tcp --set synapses.ack=each
both mixed.yml --set synapses.ack=close --set synapses.idle_close=20ms --set synapses.queue_limit=1
both mixed.yml --set live.connections=node --set live.workers=3
both mixed.yml --set live.workers=1
both two_hosts.yml
both two_hosts.yml --strategy flat --set synapses.transport=tcp
both timers.yml
both changes.yml
both changes.yml --strategy flat

# A misroute for a while: which lines it meets depends on when a compiler wakes; 2 ms apart, not much.
live misrouted.yml
holds '.signals.debug | .reached == .reachable and .emissions.broadcast > 0 and .emissions.targeted > 0'
holds '.storm.wakes >= .signals.debug.reached and .storm.from_ns >= 101000000'
holds '.account.dropped.all == 0'

# Who hears depends on when, but nobody hears twice. What is under way to a subscription that has
# ended meanwhile never comes: lost.
for strategy in edge flat; do
    live restless.yml --strategy $strategy
    holds '.account | .dropped.all == .dropped.lost and .duplicated == 0'
    holds '.signals.news.delivered > 1000'
done

# Full links and mailboxes: what is dropped has its cause, nothing else is.
for more in "--set synapses.transport=tcp" "--set synapses.ack=each" "--set synapses.max_links=1"; do
    # shellcheck disable=SC2086
    live mixed.yml --set synapses.on_full=drop --set synapses.queue_limit=1 $more \
        --set workload.reflexes.rate=20k/s --set genome.types.eye.states.watching.stimulus.publish=~
    holds '.account.dropped | .all == .queue_limit + .links'
    holds '.account.sent > 8000'
done
live mixed.yml --strategy flat --set gradients.pending_limit=1 --set workload.directives.every=1ms
holds '.account.dropped | .all == .pending'
finish
