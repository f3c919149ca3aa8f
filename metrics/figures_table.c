/*
 * The one table of figures. A new figure is a line here; `nerve explain`, the JSON, the store and
 * the check of expectations follow.
 */
#include "metrics/figures.h"

/* clang-format off */
#define TEXT(path, meaning)    {path, "text", meaning, true, true}
#define COUNT(path, meaning)   {path, "1", meaning, true, true}
#define NS(path, meaning)      {path, "ns", meaning, true, true}
#define BYTES(path, meaning)   {path, "B", meaning, true, true}
#define PPM(path, meaning)     {path, "ppm", meaning, true, true}
#define DECIMAL(path, meaning) {path, "decimal", meaning, true, true}
#define BOOL(path, meaning)    {path, "bool", meaning, true, true}
#define LIST(path, meaning)    {path, "list", meaning, true, true}
#define ANY(path, meaning)     {path, "any", meaning, true, true}

#define PERCENTILES(path, what)                                                                    \
    NS(path ".p50", what ": half of them took at most so long"),                                   \
    NS(path ".p90", what ": nine in ten took at most so long"),                                    \
    NS(path ".p99", what ": 99 in 100 took at most so long"),                                      \
    NS(path ".p999", what ": 999 in 1,000 took at most so long"),                                  \
    NS(path ".max", what ": the longest"),                                                         \
    NS(path ".mean", what ": the mean")

#define LINKS(path, what)                                                                          \
    COUNT(path ".open_end", what ", open at the end"),                                             \
    COUNT(path ".peak", what ", most open at once"),                                               \
    COUNT(path ".opened", what ", opened in the run"),                                             \
    COUNT(path ".closed", what ", closed in the run")

const struct figure_row figures_table[] = {
    TEXT("nerve.version", "the program's version"),
    TEXT("nerve.commit", "the commit that it was built from"),
    COUNT("run", "the run's number in the store; none: not stored"),
    TEXT("db", "the store's path; none: not stored"),
    TEXT("scenario.name", "the scenario's name"),
    TEXT("scenario.title", "the scenario's title"),
    TEXT("scenario.file", "the file, as given"),
    TEXT("scenario.sha256", "SHA-256 of the resolved scenario's text"),
    TEXT("mode", "sim (the virtual clock) or live (sockets)"),
    TEXT("strategy", "the partitioning strategy's name"),
    TEXT("stages.scope", "how far a broadcast reaches"),
    TEXT("stages.overlay", "which nodes have a link"),
    TEXT("stages.relay", "how a broadcast moves over the links"),
    TEXT("stages.fan_out", "who makes the copies for single cells"),
    TEXT("stages.carrier", "what carries a copy between nodes"),
    {"scale.divisor", "1", "by how much --scale divided the colony; 1: not", false, true},
    {"scale.divided", "list", "what it divided, from what to what", false, true},
    COUNT("seed", "the seed of all draws"),
    TEXT("status", "ok, stopped (a limit or a death ended it), failed or interrupted"),
    COUNT("colony.hosts", "hosts"),
    COUNT("colony.nodes", "nodes"),
    COUNT("colony.cells", "cells at the start"),
    COUNT("colony.domains", "domains"),
    COUNT("colony.alive_end", "cells alive at the end"),
    {"digest", "text", "128-bit digest of every wake, 32 hex digits: same plan, same digest",
     true, false},
    NS("time.virtual_ns", "when the run ended, by the run's own clock"),
    NS("time.wall_ns", "how long the run took on the wall's clock"),
    NS("time.cpu_ns", "how much CPU time the run took"),
    COUNT("speed.wakes", "wakes of cells"),
    COUNT("speed.wakes_per_cpu_s", "wakes a second of CPU time"),
    {"speed.events", "1", "events that the engine processed", true, false},
    BYTES("memory.peak_rss_bytes", "most memory that the process held"),
    BYTES("memory.bytes_per_cell", "that, a cell"),
    {"memory.foretold_bytes", "B", "what `nerve check` says beforehand", true, false},
    {"live.workers.count", "1", "worker processes", false, true},
    {"live.workers.cpu_ns", "ns", "CPU time of all workers", false, true},
    {"live.workers.peak_rss_bytes", "B", "most memory of each worker, summed", false, true},
    {"live.workers.descriptors_peak", "1", "most file descriptors of a worker", false, true},
    {"live.server.cpu_ns", "ns", "CPU time of the nats-server", false, true},
    {"live.server.peak_rss_bytes", "B", "most memory of the nats-server", false, true},
    {"live.server.descriptors_peak", "1", "most file descriptors of the nats-server", false, true},
    {"live.synapses.crossed", "1", "copies that crossed a socket between two workers", false, true},
    {"live.others_cpu_ppm", "ppm", "share of the machine's cores that other work took", false, true},
    {"live.ignored", "list", "what the scenario says and a real machine decides", false, true},
    {"live.warnings", "list", "what to know before trusting the figures", false, true},
    COUNT("account.sent", "copies sent to cells"),
    COUNT("account.delivered", "copies whose wake started"),
    COUNT("account.dropped.all", "copies dropped, all causes"),
    COUNT("account.dropped.CAUSE", "copies dropped by that cause"),
    COUNT("account.in_flight", "copies under way or waiting at the end"),
    COUNT("account.duplicated", "copies that a cell got again, of one publication"),
    BOOL("account.closes", "sent = delivered + dropped + in flight"),
    LINKS("links", "links of the overlay, pairs of nodes"),
    LINKS("synapses", "synapses, one direction each"),
    COUNT("synapses.rejected", "copies that found no room for a synapse more"),
    COUNT("traffic.copies_between_hosts", "copies from host to host"),
    COUNT("traffic.copies_between_nodes", "copies from node to node"),
    COUNT("traffic.copies_local", "copies made on their own node"),
    BYTES("traffic.bytes_between_nodes", "payload of the copies from node to node"),
    COUNT("traffic.maintenance.all", "messages of protocols of their own, all types"),
    COUNT("traffic.maintenance.MESSAGE", "messages of protocols of that type"),
    COUNT("signals.KIND.emissions.targeted", "signals of that kind sent to one cell"),
    COUNT("signals.KIND.emissions.broadcast", "signals of that kind published"),
    COUNT("signals.KIND.copies", "copies of them to cells"),
    COUNT("signals.KIND.copies_between_nodes", "copies of them from node to node"),
    COUNT("signals.KIND.delivered", "copies of them whose wake started"),
    COUNT("signals.KIND.duplicates", "copies of them that a cell got again"),
    PERCENTILES("signals.KIND.latency_ns", "from the emission to the start of the wake"),
    COUNT("signals.KIND.reachable", "cells in scope that subscribe, summed over its broadcasts"),
    COUNT("signals.KIND.reached", "of those, woken"),
    COUNT("signals.KIND.colony_wide", "what reachable would be without a scope"),
    DECIMAL("signals.KIND.rmr", "copies of its broadcasts a cell reached, less one"),
    COUNT("signals.KIND.last_hop", "most hops that one of its broadcasts took"),
    NS("signals.KIND.last_ns", "longest from a broadcast to the start of its last wake"),
    COUNT("signals.KIND.stale", "copies whose version was behind already as they arrived"),
    PERCENTILES("reflex.SOURCE.latency_ns",
                "from the source's stimulus to the wake that it set off, by synapse"),
    PERCENTILES("reflex.SOURCE.PHASE.latency_ns",
                "that, of stimuli before, during or after the storm"),
    PERCENTILES("phases.PHASE.KIND.latency_ns",
                "from the emission, before, during or after the storm, to the start of the wake"),
    NS("storm.from_ns", "the emission of the first misrouted copy"),
    NS("storm.until_ns", "the last end of a wake by a copy of the storm"),
    COUNT("storm.wakes", "wakes by copies of the storm"),
    NS("storm.work_ns", "work that they did"),
    DECIMAL("storm.cores.mean", "busy cores over the storm, the mean"),
    COUNT("storm.cores.peak", "busy cores in its busiest millisecond"),
    PERCENTILES("aware.SOURCE", "from the source's emission until a cell knows of it"),
    COUNT("aware.SOURCE.reached", "cells that came to know, summed over its emissions"),
    COUNT("aware.SOURCE.reachable", "cells that should"),
    COUNT("dissonance.integral_cell_ns", "time that interested cells were behind, summed"),
    PPM("dissonance.peak_ppm", "largest share of interested cells behind at once"),
    COUNT("dissonance.dissonant_actions", "wakes with work or sends of cells behind"),
    NS("dissonance.age_ns.mean", "age of what interested cells know, over time"),
    NS("dissonance.age_ns.peak", "that at its peaks, the mean of them"),
    DECIMAL("dissonance.hysteresis", "area between acting on the old and on the new"),
    COUNT("buffers.PLACE.peak", "most copies held there at once"),
    PPM("buffers.PLACE.mean_ppm", "copies held there, over time, in millionths of a copy"),
    NS("buffers.PLACE.held_ns.p50", "how long one was held there: half at most so long"),
    NS("buffers.PLACE.held_ns.p99", "how long one was held there: 99 in 100 at most so long"),
    NS("buffers.PLACE.held_ns.max", "how long one was held there: the longest"),
    COUNT("hosts.HOST.cores", "cores; none: no limit"),
    NS("hosts.HOST.busy_ns", "time that cores worked, summed"),
    NS("hosts.HOST.saturated_ns", "time with no core idle"),
    COUNT("hosts.HOST.busiest_cores", "busy cores in the busiest millisecond"),
    NS("hosts.HOST.longest_wait_ns", "longest that a cell's job waited for a core"),
    COUNT("hosts.HOST.waiting_peak", "most jobs that waited for a core at once"),
    BYTES("hosts.HOST.peak_memory_bytes", "most memory of the host in use"),
    PPM("hosts.HOST.cache_pressure_max_ppm", "most bytes touched in 1 ms, of the last-level caches"),
    PPM("hosts.HOST.bandwidth_max_ppm", "most memory traffic in 10 us, of the bandwidth"),
    NS("hosts.HOST.death_at_ns", "when the host died; none: it lived"),
    TEXT("hosts.HOST.death_by", "cores, memory, or none"),
    NS("hosts.HOST.dead_ns", "how long it was dead"),
    PPM("hosts.HOST.margin_ppm", "longest wait / the wait that is death"),
    TEXT("hosts.HOST.first_limit", "the limit met first: server, cores, memory, cache or none"),
    COUNT("hosts.HOST.deaf.nodes", "nodes that were deaf at some time"),
    NS("hosts.HOST.deaf.longest_ns", "the longest that a node was deaf"),
    NS("hosts.HOST.deaf.total_ns", "time deaf, summed over nodes"),
    NS("hosts.HOST.deaf.first_at_ns", "when the first one became deaf; none: nobody did"),
    TEXT("hosts.HOST.deaf.worst", "the station and node that was deaf longest"),
    COUNT("overlay.islands", "parts of the overlay that do not reach each other"),
    COUNT("overlay.degree.min", "fewest links of a node"),
    DECIMAL("overlay.degree.mean", "links of a node, the mean"),
    COUNT("overlay.degree.max", "most links of a node"),
    DECIMAL("overlay.average_path", "hops between two nodes, the mean"),
    DECIMAL("overlay.clustering", "share of a node's neighbours that are neighbours"),
    COUNT("overlay.asymmetric_links", "links that one end alone knows of"),
    COUNT("cells.born", "cells born in the run"),
    COUNT("cells.died.all", "cells that died in the run, all causes"),
    COUNT("cells.types.TYPE.cells", "cells of that type at the start"),
    COUNT("cells.types.TYPE.wakes", "wakes of cells of that type"),
    TEXT("profile.name", "the hosts' profiles"),
    TEXT("profile.sha256", "SHA-256 of the hosts' section of the resolved scenario"),
    LIST("profile.estimated", "profile keys in use that are estimated, not measured"),
    TEXT("expect.EXPECTATION.text", "the expectation, as written"),
    ANY("expect.EXPECTATION.value", "what its left side came to"),
    ANY("expect.EXPECTATION.held", "true, false, not known, or none where `when` does not hold"),
};
/* clang-format on */

const size_t figures_table_rows = sizeof figures_table / sizeof *figures_table;
