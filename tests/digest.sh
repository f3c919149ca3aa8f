#!/usr/bin/env bash
# One digest, whoever compiles it: builds nerve with gcc and clang, unoptimised and optimised, runs
# a scenario with each, and with several widths of the clock's buckets, and prints a line a build.
# Fails where two differ.  tests/digest.sh [SCENARIO [OPTIONS OF nerve run]]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

if (($# == 0)); then
    set -- scenarios/misrouted-debug.yml
fi
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
first=
status=0

build() {
    local compiler=$1 level=$2 lto=$3 dir=build/digest/$1-$2
    if [[ ! -e $dir/build.ninja ]]; then
        cmake -S . -B "$dir" -G Ninja -Wno-dev --log-level=WARNING -D CMAKE_C_COMPILER="$compiler" \
            -D CMAKE_BUILD_TYPE=Release -D CMAKE_C_FLAGS_RELEASE="-$level" -D NERVE_LTO="$lto" \
            -D NERVE_TESTS=OFF >/dev/null
    fi
    ninja -C "$dir" --quiet nerve >&2
}

# digest_of PROGRAM ARGUMENTS...
digest_of() {
    local program=$1
    shift
    "$program" run "$@" --json --db "$store/nerve.db" 2>"$store/messages" >"$store/figures" ||
        { cat "$store/messages" >&2; return 1; }
    grep -m 1 -oE '"digest": ?"[0-9a-f]{32}"' "$store/figures" | grep -oE '[0-9a-f]{32}'
}

# line NAME DIGEST: prints it, and remembers where it differs from the first.
line() {
    first=${first:-$2}
    if [[ $2 == "$first" ]]; then
        printf '%-12s %s\n' "$1" "$2"
    else
        printf '%-12s %s  differs\n' "$1" "$2"
        status=1
    fi
}

for compiler in gcc clang; do
    for level in O0 O3; do
        # As the release preset has it; clang's needs a linker that Debian does not pull in.
        lto=OFF
        [[ $compiler-$level == gcc-O3 ]] && lto=ON
        build "$compiler" "$level" "$lto"
        digest=$(digest_of "build/digest/$compiler-$level/nerve" "$@") || digest='no digest'
        [[ $digest != 'no digest' ]] || status=1
        line "$compiler -$level" "$digest"
    done
done
for bits in 6 10 14 18 22; do
    digest=$(NERVE_BUCKET_BITS=$bits digest_of build/digest/gcc-O3/nerve "$@") || digest='no digest'
    line "2^$bits ns" "$digest"
done
exit $status
