# Bad usage: exit code 2, a text that says what to do, nothing on standard output, no store made.
. "$(dirname "$0")/lib.sh"

refused() {
    local words=$1
    shift
    expect_code 2 "$NERVE" "$@"
    [ ! -s out ] || fail "standard output is not empty: $*"
    expect_words err "$words"
    [ ! -e nerve.db ] || fail "a store was made: $*"
}

refused "Usage: nerve"
refused "did you mean \`runs\`?" rums
refused "\`compare\` is not built yet" compare small.yml
refused "it needs a scenario" run
refused "one too many" run small.yml other.yml
refused "unrecognized option '--nonsense'" run small.yml --nonsense
refused "missing.yml" run missing.yml
refused "no run's number" show last
refused "no run's number" replay -- -1
refused "it needs a run's number" show
refused "it takes no argument" runs 3
refused "it takes no argument" schema 3
refused "colony.cellz" check small.yml --set colony.cellz=5
refused "colony.cells" run small.yml --set colony.cells=5X
refused "nosuch" run small.yml --strategy nosuch
refused "durashun" explain run.durashun

for command in run check runs show replay explain schema; do
    expect_code 0 "$NERVE" $command --help
    expect_words out "Usage: nerve $command"
done
expect_code 0 "$NERVE" --help
expect_words out "Commands:"
expect_code 0 "$NERVE" --version

expect_code 0 "$NERVE" check small.yml
expect_words out "No mistakes."
expect_code 0 "$NERVE" check small.yml --json
jq -e '.colony.cells == 2000 and .foretold.memory_bytes > 0' out >jq.out || fail "check --json"
expect_code 0 "$NERVE" schema
jq -e . out >jq.out || fail "the schema is no JSON"
expect_code 0 "$NERVE" explain
expect_code 0 "$NERVE" explain colony.cells
expect_code 0 "$NERVE" explain profile
expect_code 0 "$NERVE" explain figures
expect_words out "hosts.HOST.death_at_ns"
expect_code 0 "$NERVE" explain signals.debug.rmr
expect_words out "a decimal of six places"
finish
