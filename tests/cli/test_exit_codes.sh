# Expectations, stores and limits: what a run exits with.
. "$(dirname "$0")/lib.sh"

expect_code 3 "$NERVE" run small.yml --set 'expect.quick={that: signals.pain.latency_ns.max < 1ns, why: too much to ask}'
expect_words out "quick missed:"
expect_words out "too much to ask"
expect_words out "2 of 3 held, 1 missed."
expect_code 0 "$NERVE" run small.yml --set 'expect.off={that: account.sent == 0, when: seed == 99}'
expect_code 0 "$NERVE" show 2 --json
[ "$(jq -r .expect.off.held out)" = none ] || fail "an expectation whose condition does not hold"
expect_code 0 "$NERVE" run small.yml --set 'expect.key={that: colony.cells == 2k and strategy == flat}'

# A limit stops it: figures full, exit code 0.
expect_code 0 "$NERVE" run small.yml --set run.limits.wakes=100 --set 'expect=~' --json
[ "$(jq -r .status out)" = stopped ] || fail "run.limits.wakes"
jq -e '.account.closes and .speed.wakes >= 100 and .speed.wakes < 2000' out >jq.out ||
    fail "figures of a stopped run"

# A store that cannot be used: before the run.
echo 'This is a letter, and no database of any kind, whatever its name may say about it. It is a letter of some length.' >letter
expect_code 5 "$NERVE" run small.yml --db letter
expect_words err "not a store of nerve"
[ ! -s out ] || fail "it ran all the same"
expect_code 5 "$NERVE" run small.yml --db nowhere/nerve.db
expect_words err "cannot be opened"
expect_code 5 "$NERVE" runs --db nosuch.db
expect_words err "there is no store nosuch.db"
expect_code 5 "$NERVE" show 1 --db letter
sqlite3 new.db 'PRAGMA user_version = 7; CREATE TABLE records(a); CREATE TABLE runs(a);
                CREATE TABLE scalars(a)'
expect_code 5 "$NERVE" run small.yml --db new.db
expect_words err "newer nerve"
expect_code 1 "$NERVE" show 99
expect_words err "there is no run 99"

# A disk that fills up in mid-run costs the store, not the story. (A limit of a file's size stands
# for it.)
(
    ulimit -f 100
    "$NERVE" run small.yml --db full.db --set run.sample=100us --set run.limits.wakes=10G >out 2>err
    echo $? >code
)
[ "$(cat code)" = 5 ] || fail "a full disk: $(cat code)"
expect_words err "this run is not stored"
expect_words out "it closes."
expect_words out "not stored"
finish
