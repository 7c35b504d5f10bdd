"""An image started by itself is probed as the stack probes it."""

import json
import re
from pathlib import Path

import pytest

from tests.checkout import ROOT, STACK

PROBED = [name for name, service in STACK.service.items() if service.health]


def _healthcheck(dockerfile: Path) -> tuple[dict[str, str], list[str]]:
    """Read the options and the words of the last HEALTHCHECK."""
    text = dockerfile.read_text(encoding="utf-8").replace("\\\n", " ")
    options, words = re.findall(r"^HEALTHCHECK (.*?) CMD (\[.*\])", text, re.MULTILINE)[-1]
    return dict(re.findall(r"--([a-z-]+)=(\d+)s?\b", options)), json.loads(words)


@pytest.mark.parametrize("name", PROBED)
def test_the_dockerfile_and_the_stack_agree_on_the_probe(name: str) -> None:
    service = STACK.service[name]
    health, image = service.health, STACK.image[service.image]
    assert health is not None
    assert image.dockerfile is not None

    options, words = _healthcheck(ROOT / image.dockerfile)

    first, *rest = health.command
    assert words == [f"{STACK.code_path}/{first}" if first.startswith("entrypoints/") else first, *rest]
    assert options == {
        "interval": str(health.interval_seconds),
        "timeout": str(health.timeout_seconds),
        "start-period": str(health.start_period_seconds),
        "retries": str(health.retries),
    }
