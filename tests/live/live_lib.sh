# What the tests of live runs share. Sourced. Children are told apart by their parent and known by
# their numbers alone, nothing is ever ended by a name. TMPDIR is this test's own, so that what a run
# leaves there is that run's.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
export TMPDIR=$work
: "${NERVE_DEADLINE_FACTOR:=1}" # a loaded machine may have more time: deadlines are multiplied by it
pid= workers= server= janitor= everybody= names=

# until SECONDS COMMAND...: looks until the command holds; 1 once the time (x factor) is over.
until_deadline() {
    local us=$(($1 * NERVE_DEADLINE_FACTOR * 1000000)) begin=${EPOCHREALTIME/./}
    shift
    until "$@"; do
        [ $((${EPOCHREALTIME/./} - begin)) -lt $us ] || return 1
        sleep 0.005 # between two looks
    done
}

# A process that is not there, or has ended and is not waited for yet.
has_ended() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    case ${stat##*) } in Z* | X*) return 0 ;; esac
    return 1
}

all_have_ended() {
    local each
    for each in "$@"; do
        has_ended "$each" || return 1
    done
}

# start_live ARGUMENTS...: `nerve run --live ARGUMENTS` in a process group of its own, as $pid.
start_live() {
    setsid "$NERVE" run --live "$@" >out 2>err </dev/null &
    pid=$!
    workers= server= janitor= everybody=$pid names=
}

# look_for_children WORKERS: fills workers, server, janitor, everybody; holds once all are there.
look_for_children() {
    local child name
    ! has_ended "$pid" || give_up "it ended by itself"
    workers= server= janitor= everybody=$pid
    for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do
        { read -r name <"/proc/$child/comm"; } 2>/dev/null || continue
        everybody="$everybody $child"
        case $name in
            nerve-janitor) janitor=$child ;;
            nerve-[0-9]*) workers="$workers $child" ;;
            nats-server) server=$child ;;
        esac
    done
    # shellcheck disable=SC2086
    set -- "$1" $workers
    [ $# -gt "$1" ] && [ -n "$server" ] && [ -n "$janitor" ]
}

worker_of() { # the Nth worker's number
    local child name
    for child in $workers; do
        { read -r name <"/proc/$child/comm"; } 2>/dev/null || continue
        [ "$name" = "nerve-$1" ] && echo "$child"
    done
}

give_up() {
    fail "$1"
    cat out err >&2
    kill -9 "$pid" 2>/dev/null
    finish
}

# start_slowly ARGUMENTS...: the same, with a colony that takes a while to subscribe.
start_slowly() {
    start_live reflex.yml --set colony.cells=60k --strategy flat --json "$@"
}

# Set-up cannot end once this holds: a worker stands still.
until_set_up_stands() {
    until_deadline 20 look_for_children 2 || give_up "its processes do not come up"
    kill -STOP "$(worker_of 1)" 2>/dev/null || give_up "no worker 1 to stop"
    [ ! -e "$1" ] || give_up "it was set up already"
}

has_woken() { # windows are stored some hundred at a time: a run needs a sample of 1 ms
    [ "$(sqlite3 "$1" "SELECT count(*) FROM series WHERE name = 'wakes' AND value > 0" 2>/dev/null ||
        echo 0)" -gt 0 ] || has_ended "$pid"
}

# until_mid_run DB: the run is under way, cells have woken, all its processes are known.
until_mid_run() {
    until_deadline 20 has_woken "$1" || give_up "it never began"
    ! has_ended "$pid" || give_up "it ended by itself"
    until_deadline 20 look_for_children 2 || give_up "its processes are not all there"
    remember_names
}

run_has_ended() { has_ended "$pid"; }

# ends_within SECONDS CODE: after a fault, by itself, with that code.
ends_within() {
    local got=0
    if ! until_deadline "$1" run_has_ended; then
        fail "still there $1 s (x $NERVE_DEADLINE_FACTOR) after the fault"
        kill -9 "$pid" 2>/dev/null
    fi
    wait "$pid" 2>/dev/null || got=$?
    [ "$got" = "$2" ] || {
        fail "exit code $got, not $2"
        cat err >&2
    }
}

directory_gone() { ! ls -d "$work"/nerve-* >/dev/null 2>&1; }

# The names of abstract sockets that a run has, while it is there.
remember_names() {
    names=$(cd "$work" && ls -d nerve-* 2>/dev/null)
}

names_gone() {
    local name
    for name in $names; do
        ! grep -q "@$name-" /proc/net/unix || return 1
    done
}

# Within a second nothing is left of the run: process, directory, abstract socket.
leaves_nothing() {
    # shellcheck disable=SC2086
    until_deadline 1 all_have_ended $everybody || fail "processes are left: $everybody"
    until_deadline 1 directory_gone || fail "left in $work: $(ls -d "$work"/nerve-*)"
    until_deadline 1 names_gone || fail "sockets are left: $(grep "@nerve-" /proc/net/unix)"
}

# says TEXT: exactly that line on standard error.
says() {
    grep -qxF -- "$1" err || {
        fail "it does not say: $1"
        cat err >&2
    }
}

# figure FILTER WANTED: of the run's figures (--json) in out.
figure() {
    local got
    got=$(jq -c "$1" out 2>/dev/null)
    [ "$got" = "$2" ] || fail "$1 is $got, not $2"
}

cat >reflex.yml <<'YAML'
name: reflex
title: Eyes feel, motors act, everybody senses
run: {duration: 1s, drain: 500ms, sample: 1ms, seed: 3}
hosts: {here: {profile: epyc-2}}
colony: {cells: 1000, nodes: 8, domains: 2, types: {eye: 20%, motor: 20%, tissue: rest}}
genome:
  signals: {stimulus: {size: 128B}, pain: {size: 128B}, news: {size: 128B}}
  types:
    tissue: {subscribe: {all: everywhere}, always: {any: {work: 0us}}}
    eye:
      like: tissue
      bonds: {motor: {type: motor, not: same_node}}
      states: {watching: {stimulus: {send: {signal: pain, to: motor}}}}
    motor: {like: tissue, states: {acting: {pain: {work: 0us}}}}
workload:
  reflexes: {signal: stimulus, to: {type: eye}, rate: 1k/s, law: exponential}
  news: {signal: news, publish: {subject: everywhere}, every: 50ms}
synapses: {transport: ipc, queue_limit: 16, on_full: block}
gradients: {pending_limit: none}
partitioning: {strategy: edge}
live: {workers: 2}
YAML
