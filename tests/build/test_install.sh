#!/usr/bin/env bash
# cmake --install: the program runs from there, and finds strategies and profiles there.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$NERVE_BUILD" --prefix "$place" >/dev/null
for file in bin/nerve share/nerve/scenarios/misrouted-debug.yml share/nerve/strategies/flat.yml \
    share/nerve/hosts/threadripper-64.yml share/doc/nerve/README.md share/doc/nerve/LICENSE; do
    [[ -f $place/$file ]] || { echo "not installed: $file"; exit 1; }
done

# From a folder that has no data of its own.
cd "$place/bin"
"$place/bin/nerve" check "$place/share/nerve/scenarios/misrouted-debug.yml"

# What lies there is used: broken there, it is missed.
rm -r "$place/share/nerve/strategies"
mkdir "$place/share/nerve/strategies"
if "$place/bin/nerve" check "$place/share/nerve/scenarios/misrouted-debug.yml" 2>"$place/said"; then
    echo "the installed program read a strategy from elsewhere"
    exit 1
fi
grep -q strategies "$place/said"
