# What does not fit this machine is refused before anything starts, with the numbers and the key.
. "$(dirname "$0")/live_lib.sh"

with_descriptors() { # limit, arguments of nerve run --live
    local limit=$1
    shift
    (ulimit -n "$limit" && exec "$NERVE" run --live --no-store "$@")
}

refused() { # text, command...
    local wanted=$1
    shift
    expect_code 1 "$@"
    # What one costs may change; what is counted, and what to do, may not.
    sed -i -E 's/(would need|would need about) [0-9]+ (file|MiB)/\1 N \2/' err
    says "nerve: error: $wanted"
    [ ! -s out ] || fail "figures of a run that never was"
    directory_gone || fail "a directory is left"
}

do_what="lower colony.nodes or synapses.max_links, raise live.workers, use --scale, or raise the \
limit (ulimit -n)"

refused "a worker would need N file descriptors (4 nodes; 54 links in all), and may have 64: \
$do_what" with_descriptors 64 reflex.yml
refused "a worker would need N file descriptors (50 nodes; 199 links in all), and may have 150: \
$do_what" with_descriptors 150 reflex.yml --set colony.nodes=100 --set live.connections=node

# Many workers of few nodes each: it is the server that has too few.
sed 's/send: {signal: pain, to: motor}/work: 0us/' reflex.yml >still.yml
refused "the nats-server would need 160 connections, and may have 200 file descriptors: set \
live.connections to worker, lower colony.nodes, or raise the limit (ulimit -n)" \
    with_descriptors 200 still.yml --set live.connections=node --set live.workers=32 \
    --set colony.nodes=160

# The soft limit alone is raised, up to the hard one.
(ulimit -S -n 64 && exec "$NERVE" run --live --no-store --json reflex.yml --set run.duration=50ms) \
    >out 2>err || fail "a soft limit is in the way: $(cat err)"
figure .account.closes true

refused "it would need about N MiB of memory (1000 cells, 26 subscriptions, 54 links), and \
live.memory_limit is 1 MiB: lower colony.cells, raise live.memory_limit, use --scale, or strategy \
edge (one subscription a node)" "$NERVE" run --live --no-store reflex.yml --set live.memory_limit=1MiB
finish
