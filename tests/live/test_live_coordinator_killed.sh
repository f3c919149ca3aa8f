# kill -9 of the coordinator: its workers and its server go with it, the janitor clears up.
. "$(dirname "$0")/live_lib.sh"

start_live reflex.yml --set run.duration=10min --db a.db
until_mid_run a.db
[ -n "$names" ] || fail "no directory of the run to begin with"
grep -q "@$names-" /proc/net/unix || fail "no socket of the run to begin with"
kill -9 "$pid"
ends_within 5 137
leaves_nothing
expect_code 0 "$NERVE" runs --db a.db
expect_words out interrupted

start_slowly --db b.db
until_set_up_stands b.db # a worker that stands still goes, too
remember_names
kill -9 "$pid"
ends_within 5 137
leaves_nothing
[ ! -e b.db ] || fail "a store of a run that never was"
finish
