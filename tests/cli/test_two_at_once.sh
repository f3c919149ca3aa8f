# Two runs write one store at once, from its very making.
. "$(dirname "$0")/lib.sh"

pids=
for i in 1 2 3 4; do
    "$NERVE" run small.yml --json --seed $i --set run.sample=100us >"$i.json" 2>"$i.err" &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid" || fail "exit code $?"
done
cat ./*.err >&2
[ "$(jq -s 'map(.run) | sort | join(" ")' ./*.json)" = '"1 2 3 4"' ] || fail "the runs' numbers"
for i in 1 2 3 4; do
    expect_code 0 "$NERVE" show "$(jq .run $i.json)" --json
    expect_same out $i.json
done
[ "$(sqlite3 nerve.db "SELECT count(DISTINCT run) FROM timeline")" = 4 ] || fail "samples"
[ ! -e nerve.db-wal ] || fail "the log is left behind"
finish
