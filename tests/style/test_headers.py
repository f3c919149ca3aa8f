"""Each public header compiles alone, under both compilers, without a warning."""
import concurrent.futures
import subprocess

import sources

FLAGS = (
    "-std=c17 -D_GNU_SOURCE -fsyntax-only -Werror -Wall -Wextra -Wpedantic -Wconversion -Wshadow "
    "-Wstrict-prototypes -Wmissing-prototypes -Wvla"
).split()
ONLY = {"gcc": [], "clang": ["-Wno-string-conversion", "-Wno-unused-function"]}


def compile_alone(job):
    compiler, name = job
    # Included twice by a file that has nothing else: the guard is tested, too.
    source = f'#include "{name}"\n#include "{name}"\n'
    command = [compiler, *FLAGS, *ONLY[compiler], f"-I{sources.ROOT}", "-x", "c", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    return None if done.returncode == 0 else f"{name} ({compiler}):\n{done.stderr}"


headers = sources.files(*sources.ROOMS, suffixes=(".h",))
jobs = [(compiler, name) for name in headers for compiler in ONLY]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    broken = [failure for failure in pool.map(compile_alone, jobs) if failure]
sources.finish(broken, len(jobs))
