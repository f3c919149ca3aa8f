"""Includes run one way, are written from the root, and third-party headers stay in their rooms."""
import re

import sources

# Which rooms a room may include; a file's name in the place of a room allows that file alone.
MAY = {
    "base": ["base"],
    "model": ["base", "model"],
    "scenarios/language": ["base", "model", "scenarios/language"],
    "metrics": ["base", "metrics", "model/plan.h", "model/genome.h", "model/host_profile.h", "model/law.h", "model/versions.h"],
    "sim": ["base", "model", "scenarios/language", "metrics", "sim"],
    "live": ["base", "model", "scenarios/language", "metrics", "live"],
    "study": ["base", "model", "scenarios/language", "metrics", "sim", "live", "study"],
    "cli": ["base", "model", "scenarios/language", "metrics", "sim", "live", "study", "cli"],
    "bench": ["base", "model", "scenarios/language", "metrics", "sim", "bench"],
    # The naive engine is a second opinion: it must not see the one that it checks.
    "tests/naive": ["base", "model", "scenarios/language", "metrics", "tests/naive"],
}
# The one room of the product that may include a header of a library.
ONLY = {
    "sqlite3.h": ["metrics"],
    "libfyaml.h": ["scenarios/language"],
    "Random123/": ["base"],
    "xxhash.h": ["base", "model"],
    "zmq.h": ["live"],
    "nats": ["live"],
}
GENERATED = ["nerve_commit.h"]

broken = []
looked_at = 0
for room, may in MAY.items():
    for name in sources.files(room):
        if name.rsplit("/", 1)[0] != room:
            continue
        for number, line in enumerate(sources.text(name).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if not match:
                continue
            looked_at += 1
            place = f"{name}:{number}: "
            kind, header = match.groups()
            if kind == "<":
                for prefix, rooms in ONLY.items():
                    if header.startswith(prefix) and room in MAY and room not in rooms:
                        broken.append(f"{place}<{header}> belongs to {', '.join(rooms)}")
            elif header in GENERATED:
                continue
            elif not (sources.ROOT / header).is_file():
                broken.append(f'{place}"{header}" is not written from the root')
            elif header not in may and header.rsplit("/", 1)[0] not in may:
                broken.append(f'{place}{room} must not include "{header}"')
sources.finish(broken, looked_at)
