# Progress with an ETA on a terminal, written over and taken away; colour there, and not where
# NO_COLOR is set.
. "$(dirname "$0")/lib.sh"
command -v script >/dev/null || exit 77

# Ends by the wall's clock, so that it lasts long enough to be looked at.
limits='--set run.duration=1h --set run.limits.wall=500ms --no-store'

TERM=xterm script -qec "'$NERVE' run small.yml $limits" /dev/null </dev/null >out
grep -q "of 1 h" out || fail "no progress on a terminal"
grep -q "to go" out || fail "no ETA"
grep -q "$(printf '\033')\[1m" out || fail "no colour on a terminal"
expect_words out "Stopped there"

NO_COLOR=1 TERM=xterm script -qec "'$NERVE' run small.yml $limits" /dev/null </dev/null >out
! grep -q "$(printf '\033')\[[0-9;]*m" out || fail "colour, with NO_COLOR"

# A log: nothing in the first seconds, and nothing but text.
expect_code 0 "$NERVE" run small.yml $limits --set 'expect=~' --json
[ ! -s err ] || fail "a short run wrote to its log"
jq -e '.status == "stopped"' out >jq.out || fail "standard output is not JSON alone"
finish
