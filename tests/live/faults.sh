#!/usr/bin/env bash
# Runs every test of a fault of a live run, a line each. NERVE is the program (build/release/nerve
# where it is not set); NERVE_DEADLINE_FACTOR=3 gives a loaded machine thrice the time.
#
#   tests/live/faults.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
export NERVE_SOURCE=${NERVE_SOURCE:-$(cd "$here/../.." && pwd)}
export NERVE=${NERVE:-$NERVE_SOURCE/build/release/nerve}
failed=0
while read -r name what; do
    began=${EPOCHREALTIME/./}
    if said=$(bash "$here/test_live_$name.sh" 2>&1); then
        verdict=ok
    else
        verdict=FAILED
        failed=1
    fi
    printf '%-7s %-62s %5d ms\n' "$verdict" "$what" $(((${EPOCHREALTIME/./} - began) / 1000))
    [ "$verdict" = ok ] || printf '%s\n' "$said"
done <<'LIST'
interrupt          Ctrl-C, to the coordinator and to its group, and in set-up
worker_killed      kill -9 of a worker, in mid-run and in set-up
server_killed      kill -9 of the nats-server, in mid-run and in set-up
coordinator_killed kill -9 of the coordinator, in mid-run and in set-up
no_server          nats-server missing or broken, its port taken
too_few            too few descriptors, too little memory
stalled            a worker that stands still
LIST
exit $failed
