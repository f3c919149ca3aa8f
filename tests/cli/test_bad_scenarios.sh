# Every bad scenario through the program: exit code 2, exactly its text, nothing on standard output.
. "$(dirname "$0")/lib.sh"
source=${NERVE_SOURCE:-$OLDPWD}
cd "$source" || exit 1

checked=0
for file in tests/bad/*.yml; do
    code=0
    "$NERVE" check "$file" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" = 2 ] || fail "$file: exit code $code"
    [ ! -s "$work/out" ] || fail "$file: standard output is not empty"
    cmp -s "$work/err" "${file%.yml}.txt" || {
        fail "$file: not the text of ${file%.yml}.txt"
        diff "$work/err" "${file%.yml}.txt" | head -10 >&2
    }
    checked=$((checked + 1))
done
[ "$checked" -ge 30 ] || fail "only $checked bad scenarios"
finish
