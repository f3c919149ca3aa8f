"""clang-format has nothing to change."""
import subprocess

import sources

names = sources.files(*sources.ROOMS, "bench", "tests")
done = subprocess.run(
    ["clang-format", "--dry-run", *names], cwd=sources.ROOT, capture_output=True, text=True
)
broken = sorted({line.split(":")[0] + ": clang-format -i" for line in done.stderr.splitlines()
                 if "[-Wclang-format-violations]" in line})
if done.returncode:
    broken.append(done.stderr)
sources.finish(broken, len(names))
