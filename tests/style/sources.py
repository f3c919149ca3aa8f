"""What the tests of style share: where the sources are, and how a rule that is broken is told."""
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(os.environ.get("NERVE_SOURCE") or pathlib.Path(__file__).parents[2])
ROOMS = ["base", "model", "scenarios/language", "metrics", "sim", "live", "study", "cli"]
GENERATED = {"base/exponential_table.c"}


def files(*folders, suffixes=(".c", ".h")):
    """The sources below the folders, as paths from the root, in order; without generated ones."""
    found = []
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in suffixes and name not in GENERATED:
                found.append(name)
    return sorted(set(found))


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def code(name):
    """A file's text with comments, strings and characters blanked, its lines kept."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return token.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text(name))


def finish(broken, looked_at):
    """Ends the test: prints each place where the rule is broken."""
    for place in broken:
        print(place)
    print(f"{looked_at} looked at, {len(broken)} broken")
    if not looked_at:
        print("nothing was looked at: the test itself is broken")
    sys.exit(1 if broken or not looked_at else 0)
