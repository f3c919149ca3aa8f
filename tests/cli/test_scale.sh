# --scale 1/N divides cells, nodes, domains, counts of types and rates, nothing else, and says so.
. "$(dirname "$0")/lib.sh"

cat >large.yml <<'YAML'
name: large
title: A colony to be scaled down
run: {duration: 50ms, drain: 500ms, sample: 10ms, seed: 3}
hosts: {here: {profile: epyc-2}}
colony: {cells: 50k, nodes: 300, domains: 200, types: {eye: 10%, keeper: 7, motor: 150, tissue: rest}}
genome:
  signals: {stimulus: {size: 512B}, pain: {size: 256B}, news: {size: 300B}}
  types:
    tissue: {subscribe: {all: everywhere}, always: {any: {work: 0us}}}
    eye:
      like: tissue
      bonds: {motor: {type: motor}}
      states: {watching: {stimulus: {send: {signal: pain, to: motor}}}}
    motor: {like: tissue, states: {acting: {pain: {work: 0us}}}}
    keeper: {like: tissue}
workload:
  reflexes: {signal: stimulus, to: {type: eye}, rate: 30k/s, law: exponential}
  slow: {signal: stimulus, to: {type: eye}, rate: 20/s}
  news: {signal: news, publish: {subject: everywhere}, every: 20ms}
synapses: {transport: ipc, queue_limit: 3, on_full: block}
gradients: {pending_limit: none}
partitioning: {strategy: edge}
live: {workers: 2}
YAML

figure() {
    local got
    got=$(jq -c "$1" out)
    [ "$got" = "$2" ] || fail "$1 is $got, not $2"
}

expect_code 0 "$NERVE" run large.yml --live --scale 1/100 --json --db a.db
figure .scale.divisor 100
figure .scale.divided '["colony.cells: 50000 -> 500","colony.nodes: 300 -> 3",'\
'"colony.domains: 200 -> 2","colony.types.eye: 5000 -> 50","colony.types.keeper: 7 -> 1",'\
'"colony.types.motor: 150 -> 1","colony.types.tissue: 44843 -> 448",'\
'"workload.reflexes.rate: 30000/s -> 300/s","workload.slow.rate: 20/s -> 1/s"]'
figure '[.colony.cells, .colony.nodes, .colony.domains]' '[500,3,2]'
figure '.cells.types | map_values(.cells)' '{"tissue":448,"eye":50,"motor":1,"keeper":1}'
figure .account.closes true
# A payload, a period and a limit stay.
figure '.signals.news.emissions.broadcast' 2
figure '.signals.news.reachable' 1000
"$NERVE" show 1 --db a.db --json >stored 2>/dev/null || fail "the stored run"
[ "$(jq -c .scale stored)" = "$(jq -c .scale out)" ] || fail "the store has another scale"
sqlite3 a.db 'SELECT text FROM texts' >text 2>/dev/null ||
    sqlite3 a.db .dump >text
for kept in "size: 300B" "queue_limit: 3" "every: 20ms" "duration: 50ms"; do
    grep -qF -- "$kept" text || fail "the stored scenario does not say: $kept"
done

# In the summary: each of them.
expect_code 0 "$NERVE" run large.yml --live --scale 1/100 --no-store
tr -s ' \n' '  ' <out >flat
for line in "1/100" "colony.cells" "colony.nodes" "colony.domains" "colony.types.eye" \
    "colony.types.keeper" "colony.types.motor" "colony.types.tissue" "workload.reflexes.rate" \
    "workload.slow.rate"; do
    expect_words flat "$line"
done

# 1/1 divides nothing; at least one of each is left.
expect_code 0 "$NERVE" run large.yml --live --scale 1/1 --no-store --json --set colony.cells=2k \
    --set colony.nodes=10
figure .scale '{"divisor":1,"divided":[]}'
expect_code 0 "$NERVE" run large.yml --live --scale 1/1000000 --no-store --json
figure '[.colony.cells, .colony.nodes, .colony.domains]' '[4,1,1]'
figure '.cells.types | map_values(.cells)' '{"tissue":1,"eye":1,"motor":1,"keeper":1}'

refused() { # text, arguments
    local wanted=$1
    shift
    expect_code 2 "$NERVE" run large.yml --no-store "$@"
    expect_words err "$wanted"
    [ ! -s out ] || fail "figures of a run that never was"
}
refused "nerve run: --scale belongs to --live: the virtual clock runs any size" --scale 1/100
for text in 2 1/0 1/-3 1/2x 0.5 1/ /2 1/99999999999; do
    refused "nerve run: --scale is 1/N, N a whole number (1/100), not \`$text\`" --live --scale "$text"
done
finish
