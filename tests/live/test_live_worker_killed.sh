# kill -9 of a worker: the run ends there, what the worker held is lost and counted as that.
. "$(dirname "$0")/live_lib.sh"

gone() { # worker, its number
    says "nerve: error: worker $1 (process $2) is gone: it was killed by signal 9 (Killed); what it \
held is lost, the run ended there. If nobody did it, memory ran out: lower colony.cells, or use --scale"
}

mid_run() { # worker, further arguments
    local which=$1 victim
    shift
    start_live reflex.yml --set run.duration=10min --json --db "run$which.db" "$@"
    until_mid_run "run$which.db"
    victim=$(worker_of "$which")
    kill -9 "$victim"
    ends_within 5 1
    leaves_nothing
    gone "$which" "$victim"
    figure .status '"failed"'
    figure .account.closes true
    figure '.account.delivered > 0' true
    # Whatever is lost died with it, or was on its way from it or to it.
    figure '.account.dropped | .all == .dead_cell + .lost + .unreachable' true
    expect_code 0 "$NERVE" runs --db "run$which.db"
    expect_words out failed
}

mid_run 0
mid_run 1 --strategy flat

start_slowly --db s.db
until_set_up_stands s.db
remember_names
victim=$(worker_of 0)
kill -9 "$victim"
ends_within 5 1
leaves_nothing
gone 0 "$victim"
[ ! -e s.db ] || fail "a store of a run that never was"
finish
