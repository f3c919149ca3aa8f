# The summary fits a screen and says what there is to say, with a storm and without.
. "$(dirname "$0")/lib.sh"

fits() {
    local wide long
    wide=$(awk 'length($0) > 100' out | head -1)
    long=$(wc -l <out)
    [ -z "$wide" ] || fail "a line of more than 100 columns: $wide"
    [ "$long" -le 40 ] || fail "$long lines"
    ! grep -q "$(printf '\033')" out || fail "colour in a file"
}

expect_code 0 "$NERVE" run small.yml
fits
expect_words out "small: A small colony"
expect_words out "At 50 ms an eye published one pain on everywhere"
expect_words out "woke 1,999 of 1,999 cells (100 %)"
expect_words out "eye's wait for stimulus"
expect_words out "motor's wait for pain"
expect_words out "it closes."
expect_words out "all 2 held."
expect_words out "number 1 in nerve.db"
grep -v 'virtual time and' out >run.out
expect_code 0 "$NERVE" show 1
fits
grep -v 'virtual time and' out >show.out
grep -v -e '--set' run.out >run.plain
grep -v -e '--set' show.out >show.plain
expect_same run.plain show.plain

expect_code 0 "$NERVE" run small.yml --set 'faults=~' --set 'expect.reached=~' --strategy edge
fits
! grep -q '^Storm' out || fail "a storm, where there was none"
expect_words out "p99.9"

# nerve's own, made small.
expect_code 0 "$NERVE" run misrouted-debug --no-store --set colony.cells=20k --set colony.nodes=20 \
    --set colony.domains=2 --set 'expect=~'
fits
expect_words out "log_keeper's wait for debug"
expect_code 0 "$NERVE" run pain-reflex --no-store --set run.duration=300ms --set run.warm_up=0s \
    --set 'expect=~'
fits
expect_code 0 "$NERVE" run gradient-error --no-store --set 'expect=~'
fits
expect_words out "error published"
expect_words out "came to know"
finish
