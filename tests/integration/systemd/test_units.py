"""systemd of this Debian understands every rendered unit, and finds each of them well closed."""

import re
from collections.abc import Iterator

import pytest

from bundle import units
from tests.checkout import STACK
from tests.integration.systemd.machine import Machine, booted

LEVEL = re.compile(r"^(\S+)\s+(\d+\.\d)\s+2\.0$", re.MULTILINE)
# What an installation lays out, and systemd-analyze asks for.
LAY_OUT = """
mkdir -p /opt/{stack}/current && cp -r /src/entrypoints /opt/{stack}/current/
cp -r /src/deploy/systemd/* /etc/systemd/system/
"""


@pytest.fixture(scope="module")
def machine(docker: None) -> Iterator[Machine]:
    with booted(Machine()) as running:
        running.run(LAY_OUT.format(stack=STACK.name))
        yield running


def test_systemd_understands_every_line(machine: Machine):
    done = machine.run(
        "cd /etc/systemd/system && systemd-analyze verify --man=no --recursive-errors=yes"
        f" {STACK.name}.target {STACK.name}-[a-z]*",
        check=False,
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_line_that_systemd_does_not_know_is_said(machine: Machine):
    """The test above can fail."""
    machine.run(f"sed 's/^KillMode=.*/KillMod=mixed/' /src/deploy/systemd/{STACK.name}-web.service >/tmp/wrong.service")

    done = machine.run("systemd-analyze verify --man=no --recursive-errors=yes /tmp/wrong.service", check=False)

    assert "Unknown key 'KillMod'" in done.stderr


def test_each_unit_is_at_most_2_exposed(machine: Machine):
    said = machine.run("make -C /src systemd-security").stdout

    print(said)
    levels = {name: float(level) for name, level in LEVEL.findall(said)}
    types = [name for name, _, _ in units.of_types(STACK)]
    assert levels.keys() == {f"{STACK.name}-{name}.service" for name in ("web", "worker@", "beat", "migrate", *types)}
    assert max(levels.values()) <= 2.0


def test_a_unit_that_is_open_is_refused(machine: Machine):
    machine.run("mkdir -p /tmp/open && cp -r /src/deploy /src/Makefile /tmp/open/")
    machine.run(f"sed -i '/^Protect\\|^Private\\|^Restrict/d' /tmp/open/deploy/systemd/{STACK.name}-beat.service")

    done = machine.run("make -C /tmp/open systemd-security", check=False)

    assert done.returncode != 0
    assert f"Above 2.0: {STACK.name}-beat.service" in done.stderr
