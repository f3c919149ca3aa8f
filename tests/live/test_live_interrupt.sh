# Ctrl-C: the run drains, stores what there is, and leaves nothing behind; in set-up there is nothing
# to store.
. "$(dirname "$0")/live_lib.sh"

long=(reflex.yml --set run.duration=10min --json)

interrupt() { # how, database
    local how=$1
    start_live "${long[@]}" --db "$2"
    until_mid_run "$2"
    case $how in
        alone) kill -INT "$pid" ;;
        group) kill -INT -- "-$pid" ;; # as a terminal does
        twice) kill -TERM "$pid" && kill -TERM -- "-$pid" ;; # as timeout(1) does
    esac
    ends_within 5 130
    leaves_nothing
    figure .status '"interrupted"'
    figure .account.closes true
    figure .account.dropped.all 0
    figure '.account.delivered > 0' true
    figure '.account.sent == .account.delivered + .account.in_flight' true
    expect_code 0 "$NERVE" runs --db "$2"
    expect_words out interrupted
    expect_code 0 "$NERVE" show 1 --db "$2"
    expect_words out "it closes."
}

interrupt alone a.db
interrupt group b.db
interrupt twice d.db

start_slowly --db c.db
until_set_up_stands c.db
remember_names
kill -INT "$pid"
ends_within 5 130
leaves_nothing
[ ! -s out ] || fail "figures of a run that never was"
[ ! -e c.db ] || fail "a store of a run that never was"
finish
