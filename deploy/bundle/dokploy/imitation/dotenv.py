"""The Environment tab as Dokploy reads it (dotenv 16.4.5), and the `.env` that it writes from that."""

import re
from collections.abc import Iterator, Mapping

LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[\w.-]+)\s*=(?P<value>.*)")
QUOTED = re.compile(r"""(?P<quote>['"`])(?P<inside>.*?)(?<!\\)(?P=quote)\s*(?:#.*)?""")
# Dokploy logs in to registries for the engine; Compose finds the logins here.
DOCKER_CONFIG = "/root/.docker"


def parse(text: str) -> dict[str, str]:
    """Read one `NAME=value` per line; anything else vanishes without a word."""
    return {found["name"]: _value(found["value"].strip()) for found in map(LINE.fullmatch, text.splitlines()) if found}


def _value(text: str) -> str:
    quoted = QUOTED.fullmatch(text)
    if not quoted:
        return text.partition("#")[0].strip()
    inside = quoted["inside"]
    return inside.replace("\\n", "\n").replace("\\r", "\r") if quoted["quote"] == '"' else inside


def written(tab: str, app_name: str) -> str:
    """Write the file for Compose, which has no other variables: it is started with `env -i`."""
    given = {"APP_NAME": app_name, **parse(tab), "COMPOSE_PROJECT_NAME": app_name}
    return "\n".join(_lines({"DOCKER_CONFIG": DOCKER_CONFIG, **given})) + "\n"


def _lines(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        escaped = re.sub(r'([\\"$])', r"\\\1", value)
        yield f'{name}="{escaped}"'
