# Ctrl-C stores what there is; a kill is seen by the next one.
. "$(dirname "$0")/lib.sh"

# Long enough that it is under way whenever the signal comes.
long() {
    "$NERVE" run small.yml --set run.duration=1h --set 'expect=~' --db "$1" >out 2>err &
    pid=$!
}

# Waits until the store has the run: no sleeping, the program is asked.
until_running() {
    local tries=0
    until "$NERVE" runs --db "$1" 2>/dev/null | grep -q running; do
        kill -0 $pid || {
            fail "it ended by itself"
            cat out err >&2
            finish
        }
        tries=$((tries + 1))
        [ $tries -lt 2000 ] || {
            fail "it never began"
            kill -9 $pid
            finish
        }
    done
}

long a.db
until_running a.db
kill -INT $pid
code=0
wait $pid || code=$?
[ $code = 130 ] || fail "exit code $code, not 130"
expect_words out "Interrupted there."
expect_words out "it closes."
expect_code 0 "$NERVE" runs --db a.db
expect_words out interrupted
expect_code 0 "$NERVE" show 1 --json --db a.db
[ "$(jq -r .status out)" = interrupted ] || fail "status"
jq -e '.account.closes' out >jq.out || fail "the account of an interrupted run"
expect_code 1 "$NERVE" replay 1 --db a.db
expect_words err "was not run to its end"

long b.db
until_running b.db
kill -KILL $pid
wait $pid 2>/dev/null
expect_code 0 "$NERVE" runs --db b.db
expect_words out interrupted
expect_code 0 "$NERVE" show 1 --db b.db
expect_words out "its status is interrupted"
expect_code 0 "$NERVE" run small.yml --db b.db --json
[ "$(jq .run out)" = 2 ] || fail "the number after a killed run"
[ "$(sqlite3 b.db 'SELECT status FROM runs WHERE number = 1')" = interrupted ] || fail "not marked"
[ "$(sqlite3 b.db 'PRAGMA integrity_check')" = ok ] || fail "the store is damaged"
finish
