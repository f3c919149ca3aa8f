# What the tests of the command line share. Sourced. NERVE is the program's path.
set -u
: "${NERVE:?the path of the program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect_code CODE COMMAND...: out and err hold what it said.
expect_code() {
    local wanted=$1 got=0
    shift
    "$@" >out 2>err || got=$?
    if [ "$got" != "$wanted" ]; then
        fail "exit code $got, not $wanted: $*"
        cat out err >&2
    fi
}

# expect_words FILE WORDS
expect_words() {
    grep -qF -- "$2" "$1" || {
        fail "$1 does not say: $2"
        cat "$1" >&2
    }
}

expect_same() {
    cmp -s "$1" "$2" || {
        fail "$1 and $2 differ"
        diff "$1" "$2" | head -20 >&2
    }
}

finish() {
    [ "$failures" = 0 ] || exit 1
    exit 0
}

# A colony that runs in some milliseconds: eyes feel, motors act, one line is misrouted.
cat >small.yml <<'YAML'
name: small
title: A small colony
run: {duration: 200ms, sample: 10ms, seed: 3}
hosts: {here: {profile: epyc-2}}
colony: {cells: 2000, nodes: 10, domains: 2, types: {eye: 10%, motor: 10%, tissue: rest}}
genome:
  signals: {stimulus: {size: 512B}, pain: {size: 256B}}
  types:
    tissue: {subscribe: {all: everywhere}, always: {any: {work: 5us}}}
    eye:
      like: tissue
      bonds: {motor: {type: motor, where: same_domain}}
      states: {watching: {stimulus: {work: 15us, send: {signal: pain, to: motor}}}}
    motor: {like: tissue, states: {acting: {pain: {work: 10us}}}}
workload: {reflexes: {signal: stimulus, to: {type: eye}, rate: 2k/s, law: exponential}}
faults: {bug: {kind: misroute, signal: pain, by: {type: eye, count: 1}, onto: everywhere, at: 50ms, lines: 1}}
partitioning: {strategy: flat}
expect:
  closes: {that: account.closes}
  reached: {that: signals.pain.reached == signals.pain.reachable}
YAML
