"""No floating point on the simulated path: it rounds differently from machine to machine."""
import re

import sources

FLOATING = re.compile(r"\b(float|double|_Float\w+|\d+\.\d*[fFlL]?|\.\d+|\d+[eE][+-]?\d+)\b")
HEADER = re.compile(r"#\s*include\s*<(math|tgmath|fenv|float|complex)\.h>")

broken = []
names = sources.files("base", "model", "sim")
for name in names:
    for number, line in enumerate(sources.code(name).splitlines(), 1):
        match = FLOATING.search(line) or HEADER.search(line)
        if match:
            broken.append(f"{name}:{number}: {match.group()}")
sources.finish(broken, len(names))
