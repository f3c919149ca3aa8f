"""A file has one purpose: at most 400 lines. (clang-tidy sees to functions, clang-format to columns.)"""
import sources

broken = []
names = sources.files(*sources.ROOMS, "bench", "tests")
for name in names:
    lines = sources.text(name).count("\n")
    if lines > 400:
        broken.append(f"{name}: {lines} lines")
sources.finish(broken, len(names))
