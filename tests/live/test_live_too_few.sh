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
    says "nerve: error: $wanted"
    directory_gone || fail "a directory is left"
}

refused "a worker would need 192 file descriptors (4 nodes; 56 links in all), and may have 64: lower \
colony.nodes or synapses.max_links, raise live.workers, use --scale, or raise the limit (ulimit -n)" \
    with_descriptors 64 reflex.yml
finish
