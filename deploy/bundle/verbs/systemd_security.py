"""Print how exposed each rendered unit is; fail when one is above the limit."""

import argparse
import re
import shutil
from pathlib import Path

from bundle import terminal
from bundle.errors import BundleError
from bundle.process import capture

UNITS = Path("deploy/systemd")
PROGRAM = "systemd-analyze"
# systemd's own scale: 0 is closed, 10 is open; a unit that says nothing has 9.6.
MOST = 2.0
LEVEL = re.compile(r"exposure level for \S+: (\d+\.\d) ")


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Take none."""


def run(args: argparse.Namespace) -> int:
    if not shutil.which(PROGRAM):
        raise BundleError(
            f"{PROGRAM} is not on PATH: run this on a machine with systemd (Debian: apt-get install systemd)."
        )
    levels = {unit.name: _level(unit) for unit in sorted((args.root / UNITS).glob("*.service"))}
    rows = [(name, f"{level:.1f}", f"{MOST:.1f}") for name, level in levels.items()]
    terminal.say(terminal.table([("unit", "exposure", "at most"), *rows]))
    if above := [name for name, level in levels.items() if level > MOST]:
        raise BundleError(f"Above {MOST:.1f}: {', '.join(above)}; `{PROGRAM} security --offline=yes UNIT` says why.")
    return 0


def _level(unit: Path) -> float:
    result = capture([PROGRAM, "security", "--no-pager", "--offline=yes", str(unit)])
    found = LEVEL.search(result.out)
    if not found:
        raise BundleError(f"{PROGRAM} does not judge {unit.name}: {result.last_words}")
    return float(found[1])
