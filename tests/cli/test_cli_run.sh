# A run, and the same again from the store.
. "$(dirname "$0")/lib.sh"

expect_code 0 "$NERVE" run small.yml --json
cp out run.json
jq -e . run.json >jq.out || fail "the run's figures are no JSON"
jq -e '.account.closes and .status == "ok" and .run == 1 and .db == "nerve.db"' run.json >jq.out ||
    fail "account, status, run or db"
jq -e '.signals.pain.reached == .signals.pain.reachable and .signals.pain.reached == 1999' run.json \
    >jq.out || fail "reached"
jq -e '.expect.closes.held and (.profile.estimated | type == "array")' run.json >jq.out ||
    fail "expect, profile"
jq -e '.links.peak == null and .signals.stimulus.rmr == "none"' run.json >jq.out ||
    fail "null and none"
grep -q '"mean": [0-9]*\.[0-9]\{6\}' run.json || fail "a decimal of six places"

expect_code 0 "$NERVE" show 1 --json
expect_same out run.json

# Twice the same, another seed another; the digest tells.
expect_code 0 "$NERVE" run small.yml --json
[ "$(jq -r .digest out)" = "$(jq -r .digest run.json)" ] || fail "two runs, two digests"
expect_code 0 "$NERVE" run small.yml --json --seed 4 --strategy edge
[ "$(jq -r .digest out)" != "$(jq -r .digest run.json)" ] || fail "another seed, the same digest"
[ "$(jq -r '.seed, .strategy, .stages.fan_out' out | tr '\n' ' ')" = "4 edge edge " ] ||
    fail "--seed, --strategy"
for bits in 8 12 20; do
    NERVE_BUCKET_BITS=$bits expect_code 0 "$NERVE" run small.yml --json --no-store
    [ "$(jq -r .digest out)" = "$(jq -r .digest run.json)" ] || fail "buckets of 2^$bits ns"
    [ "$(jq -r '.run, .db' out | tr '\n' ' ')" = "none none " ] || fail "--no-store"
done

expect_code 0 "$NERVE" replay 1
expect_words out "The same digest"
expect_code 0 "$NERVE" replay 3
expect_words out "The same digest"
expect_code 0 "$NERVE" runs --json
[ "$(jq length out)" = 5 ] || fail "five runs are stored: $(jq length out)"
expect_code 0 "$NERVE" runs
[ "$(wc -l <out)" = 6 ] || fail "a heading and five runs"

# A store that was changed: the digest is another.
sqlite3 nerve.db "UPDATE scalars SET text = '00000000000000000000000000000000'
                  WHERE run = 1 AND path = 'digest'"
expect_code 1 "$NERVE" replay 1
expect_words out "ANOTHER DIGEST"
finish
