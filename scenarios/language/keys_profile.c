#include "scenarios/language/keys_rows.h"

#define NS(key, least, value, text)                                                                \
    {                                                                                              \
        .path = "profile." key, .kind = KEY_PLAIN_NS, .flags = KEY_REQUIRED, .min = least,         \
        .max = MAX_NS, .example = value, .doc = text                                               \
    }
#define BYTES(key, least, most, value, text)                                                       \
    {                                                                                              \
        .path = "profile." key, .kind = KEY_PLAIN_BYTES, .flags = KEY_REQUIRED, .min = least,      \
        .max = most, .example = value, .doc = text                                                 \
    }
#define MAX_NS    ((int64_t)KEYS_HOUR * 1000000000)
#define MAX_BYTES ((int64_t)1 << 50)

/* A host profile; MODEL's section 8. */
const struct key keys_of_profile[] = {
    {.path = "profile",
     .doc = "A host profile (hosts/NAME.yml): what a machine's cores, caches, memory, wires and "
            "libraries cost. The unit is in the key's name: `wake_ns: 120`."},
    {.path = "profile.name",
     .kind = KEY_FILE,
     .example = "epyc-2",
     .doc = "Its name. Default: the file's."},
    {.path = "profile.title", .kind = KEY_TEXT, .example = "A 2-core EPYC", .doc = "A line."},
    {.path = "profile.extends",
     .kind = KEY_FILE,
     .flags = KEY_LISTS | KEY_WHOLE,
     .example = "epyc-2.yml",
     .doc = "Profiles that this one builds on."},
    {.path = "profile.estimated",
     .kind = KEY_NAME,
     .flags = KEY_LISTS | KEY_WHOLE,
     .words = "key of a profile",
     .example = "[net_latency_ns]",
     .doc = "Keys whose numbers nobody has measured: every run on this profile names them."},
    {.path = "profile.cores",
     .kind = KEY_COUNT,
     .flags = KEY_REQUIRED,
     .words = "none",
     .min = 1,
     .max = 2048,
     .example = "64",
     .doc = "How many jobs run at once. none: nobody waits for a core, and there are no idle "
            "costs."},
    {.path = "profile.cache_domains",
     .kind = KEY_COUNT,
     .flags = KEY_REQUIRED,
     .min = 1,
     .max = 4096,
     .example = "16",
     .doc = "Groups of cores that share a last-level cache: what is touched spreads over them."},
    {.path = "profile.line_latency_ns",
     .kind = KEY_POINTS,
     .flags = KEY_REQUIRED | KEY_WHOLE,
     .example = "[[512KiB, 4], [16MiB, 12]]",
     .doc = "How long one cache line of 64 bytes takes where so many bytes were touched since "
            "(in a cache domain): points [bytes, ns], at most 16, linear in log2 of the bytes "
            "between them, flat outside."},
    BYTES("memory_from_bytes", 64, MAX_BYTES, "16MiB",
          "The last-level cache of a domain: beyond, a line comes from memory and needs "
          "bandwidth."),
    {.path = "profile.bandwidth_bytes_per_s",
     .kind = KEY_COUNT,
     .flags = KEY_REQUIRED,
     .min = 1000000,
     .max = (int64_t)1 << 50,
     .example = "95G",
     .doc = "Bytes a second that all cores together get from memory: beyond, each line takes "
            "longer."},
    {.path = "profile.memory",
     .kind = KEY_SIZE,
     .flags = KEY_REQUIRED,
     .words = "none",
     .min = 1,
     .max = MAX_BYTES,
     .example = "256GiB",
     .doc = "How much memory it has: over it, copies are dropped and the host is dead. none: no "
            "limit."},
    NS("wake_ns", 0, "120", "What a wake costs before the cell does anything."),
    NS("send_ns", 0, "60", "A send to a cell of the same node; each copy of a loop."),
    NS("send_scattered_ns", 0, "40", "On top of send_ns where a wake sends, not a loop."),
    BYTES("touch_bytes", 0, KEYS_MAX_SIZE, "128", "Memory that every wake touches."),
    BYTES("cell_bytes", 0, KEYS_MAX_SIZE, "192", "Memory of a cell, beside its type's bytes."),
    BYTES("envelope_bytes", 0, KEYS_MAX_SIZE, "64",
          "Memory of a copy that waits, beside its "
          "payload."),
    {.path = "profile.prefetch_gain",
     .kind = KEY_COUNT,
     .flags = KEY_REQUIRED,
     .min = 1,
     .max = 1024,
     .example = "8",
     .doc = "So many times faster are lines fetched for copies that a loop made: they come in "
            "the order of memory."},
    NS("transfer_ns", 0, "150",
       "A wake's message passing from core to core (more than one "
       "core)."),
    {.path = "profile.copy_ps_per_byte",
     .kind = KEY_COUNT,
     .flags = KEY_REQUIRED,
     .max = 1000000,
     .example = "100",
     .doc = "Picoseconds for each byte of payload, where it is read or copied."},
    NS("quantum_ns", 1, "10M", "How long a loop of copies runs before it is queued again."),
    NS("idle_spin_ns", 0, "500",
       "Until a core starts that has been idle for at most "
       "spin_max_ns."),
    NS("idle_sleep_ns", 0, "50k", "Until a core starts that has been idle for longer."),
    NS("spin_max_ns", 0, "200k", "How long an idle core spins, and a link stays warm."),
    NS("zmq_send_ns", 0, "400", "Sending by a link."),
    NS("zmq_receive_ns", 0, "600", "Receiving by a link."),
    NS("zmq_connect_ns", 0, "30k", "What opening a link costs the wake that needs it."),
    NS("link_setup_ns", 0, "150k", "Until the first copy leaves a link that opens."),
    BYTES("link_bytes", 0, KEYS_MAX_SIZE, "24KiB", "Memory of an open link, at its sender."),
    NS("link_ns", 0, "400", "From one copy to the next on a link, at least."),
    NS("link_idle_ns", 0, "35k", "On top, after more than spin_max_ns of silence."),
    NS("link_credit_ns", 0, "25k", "From a copy's arrival until its slot is free."),
    {.path = "profile.kernel_slots",
     .kind = KEY_COUNT,
     .flags = KEY_REQUIRED,
     .max = 1000000,
     .example = "0",
     .doc = "Copies that the kernel holds on a link, beside queue_limit."},
    NS("nats_publish_ns", 0, "700", "Publishing, for the wake that does it."),
    NS("reader_ns", 0, "500", "A node's connection taking one copy in."),
    BYTES("header_bytes", 0, KEYS_MAX_SIZE, "64",
          "What the server holds of a copy beside its "
          "payload."),
    NS("server_ingest_ns", 0, "900", "The server taking a publication in."),
    NS("server_match_ns", 0, "200", "Finding who hears a subject that it knows."),
    NS("server_match_miss_ns", 0, "3k", "Finding it for the first time."),
    NS("server_copy_ns", 0, "900", "Each copy that the server makes."),
    NS("stall_ns", 0, "2M", "One stall of a publisher while a reader is nearly full."),
    NS("stall_max_ns", 0, "10M", "All stalls of one publication together, at most."),
    NS("reconnect_ns", 1, "2G", "How long a connection that was cut stays cut."),
    NS("ipc_latency_ns", 0, "12k", "From node to node of one host."),
    NS("tcp_latency_ns", 0, "15k", "The same by a synapse with transport tcp."),
    NS("net_latency_ns", 0, "25k", "From host to host."),
    {.path = "profile.net_bytes_per_s",
     .kind = KEY_COUNT,
     .flags = KEY_REQUIRED,
     .min = 1000,
     .max = (int64_t)1 << 50,
     .example = "1250M",
     .doc = "Bytes a second that its network card sends."},
    NS("tick_send_ns", 0, "250", "Sending a tick of a mesh."),
    NS("tick_receive_ns", 0, "250", "Receiving one."),
    NS("broker_ns", 0, "7k", "A broker passing one message on."),
    NS("request_ns", 0, "60k", "One poll or pull, at both ends."),
    NS("death_wait_ns", 1, "5M",
       "A host is dead while a cell's job waits longer than that for a "
       "core."),
    NS("deaf_wait_ns", 1, "5M", "A station is deaf while it has more work than that."),
    {.path = "profile.station_priority",
     .kind = KEY_WORD,
     .flags = KEY_REQUIRED,
     .words = "ahead equal",
     .example = "ahead",
     .doc = "Whether the kernel lets servers and readers go ahead of cells, or they queue with "
            "them."},
};
const size_t keys_of_profile_count = sizeof keys_of_profile / sizeof *keys_of_profile;
