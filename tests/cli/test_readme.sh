# The README's scenarios are read out of it, and do what it says that they do.
. "$(dirname "$0")/lib.sh"
: "${NERVE_SOURCE:?the source tree}"

awk '
    /^```yaml/ { inside = 1; next }
    /^```/ { inside = 0; file = ""; next }
    inside && !file { file = substr($2, 1, length($2) - 1) } # "# prices.yml: ..."
    inside { print >file }
' "$NERVE_SOURCE/README.md"

expect_code 0 "$NERVE" check prices.yml
expect_code 0 "$NERVE" run prices.yml
expect_words out "17.1 ms"
expect_code 0 "$NERVE" run prices.yml --strategy edge
expect_words out "804 us"
expect_code 3 "$NERVE" run ship.yml --no-store
expect_words out "soon missed"
expect_words out "hears missed"
expect_code 0 "$NERVE" run ship.yml --no-store --strategy edge
expect_code 0 "$NERVE" run ship.yml --no-store --strategy edge --json

# The run that it shows, but for the time that it took on the wall.
awk '/^```text/ { inside = 1; next } /^```/ { inside = 0 } inside' "$NERVE_SOURCE/README.md" |
    sed 's/, in [0-9.]* [mu]*s\././' >said
rm -f nerve.db*
expect_code 0 "$NERVE" run "$NERVE_SOURCE/scenarios/misrouted-debug.yml"
sed 's/, in [0-9.]* [mu]*s\././' out >is
expect_same said is
finish
