# kill -9 of the nats-server: the run ends there, what was in it is lost and counted.
. "$(dirname "$0")/live_lib.sh"

gone() {
    says "nerve: error: the nats-server (process $1) is gone: killed by signal 9; the run ended there. \
If nobody did it, memory ran out: use strategy edge (one subscription a node), or --scale"
}

mid_run() {
    local db=$1
    shift
    start_live reflex.yml --set run.duration=10min --set workload.news.every=5ms --json --db "$db" "$@"
    until_mid_run "$db"
    kill -9 "$server"
    ends_within 5 1
    leaves_nothing
    gone "$server"
    figure .status '"failed"'
    figure .account.closes true
    figure '.account.delivered > 0' true
    figure '.account.dropped | .all == .unreachable + .publish' true
}

mid_run a.db
mid_run b.db --strategy flat
mid_run c.db --set live.connections=node

start_slowly --db s.db
until_set_up_stands s.db
remember_names
kill -9 "$server"
ends_within 5 1
leaves_nothing
gone "$server"
[ ! -e s.db ] || fail "a store of a run that never was"

# While the cells subscribe: what a worker says of its connection is not what is the matter.
start_slowly --db t.db
until_deadline 20 look_for_children 2 || give_up "its processes do not come up"
remember_names
kill -9 "$server"
ends_within 5 1
leaves_nothing
gone "$server"
finish
