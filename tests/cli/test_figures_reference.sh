# docs/figures.md lists the figures as the program does. NERVE_UPDATE=1 writes the list anew.
. "$(dirname "$0")/lib.sh"
page=${NERVE_SOURCE:?}/docs/figures.md

expect_code 0 "$NERVE" explain figures
{
    sed '/^```text$/,$d' "$page"
    echo '```text'
    sed 1d out
    echo '```'
} >wanted
if [ -n "${NERVE_UPDATE:-}" ]; then
    cp wanted "$page"
fi
expect_same "$page" wanted
finish
