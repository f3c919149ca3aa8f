# Without a nats-server, or with its port taken, it says what to do.
. "$(dirname "$0")/live_lib.sh"

refused() { # expects that text
    ends_within 5 1
    leaves_nothing
    says "nerve: error: $1"
    [ ! -s out ] || fail "figures of a run that never was"
    [ ! -e none.db ] || fail "a store of a run that never was"
}
run() {
    start_live reflex.yml --json --db none.db "$@"
}

NERVE_NATS_SERVER=/nonexistent run
refused "/nonexistent (NERVE_NATS_SERVER) does not exist: name a nats-server there"

mkdir bin
for program in setsid bash; do
    ln -s "$(command -v $program)" bin/
done
usual=$PATH
PATH=$work/bin run
PATH=$usual
refused "nats-server is not installed: apt-get install nats-server, or name it in NERVE_NATS_SERVER"

printf '#!/bin/sh\necho "no such luck" >&2\nexit 3\n' >bin/broken
chmod +x bin/broken
NERVE_NATS_SERVER=$work/bin/broken run
refused "nats-server did not start: no such luck"

coproc holder {
    exec python3 -c '
import socket, sys
taken = socket.socket()
taken.bind(("127.0.0.1", 0))
taken.listen()
print(taken.getsockname()[1], flush=True)
sys.stdin.read()'
}
read -r port <&"${holder[0]}"
run --set "live.server_port=$port"
refused "port $port of 127.0.0.1 is taken: set live.server_port to another one, or to auto"
eval "exec ${holder[1]}>&-" # lets it end
finish
