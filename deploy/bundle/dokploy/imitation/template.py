"""An import: the pasted text becomes a Compose text, the Environment tab, domains and files."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bundle.dokploy.imitation import helpers, toml

# Dokploy replaces a variable that begins with one of these as a whole; what follows is lost.
WHOLE = re.compile(r"\$\{((?:password|hash|base64):[^}]*)\}")


class ImportRefusedError(Exception):
    """Dokploy could not read what was pasted; the message says what to change."""


@dataclass(frozen=True)
class Imported:
    """What an import leaves behind: the service in Dokploy, ready to deploy."""

    compose: str
    environment: str
    domains: tuple[Mapping[str, Any], ...]
    mounts: Mapping[str, str]


def unpack(pasted: str) -> tuple[str, str]:
    """Give the Compose text and the template of what is pasted."""
    try:
        content = json.loads(base64.b64decode("".join(pasted.split()), validate=True))
    except (binascii.Error, UnicodeDecodeError):
        raise ImportRefusedError("not base64; encode the JSON text alone, without `data:`") from None
    except ValueError:
        raise ImportRefusedError("what is encoded is not JSON; encode {compose, config}") from None
    for key in ("compose", "config"):
        if not isinstance(content, dict) or not isinstance(content.get(key), str):
            raise ImportRefusedError(f"`{key}` is not text; give the file's content")
    if not content["compose"]:
        raise ImportRefusedError("`compose` is empty; give the file's content")
    return content["compose"], content["config"]


def import_text(pasted: str, app_name: str) -> Imported:
    """Do what Dokploy does with a text that the check accepts."""
    compose, config = unpack(pasted)
    return process(compose, toml.parse(config), app_name)


def process(compose: str, template: Mapping[str, Any], app_name: str) -> Imported:
    values = variables(template, app_name)
    config = template.get("config", {})
    return Imported(
        compose=compose,
        environment="\n".join(_environment(config, values)),
        domains=tuple(_domains(config, values)),
        mounts={mount["filePath"]: values.fill(mount["content"]) for mount in config.get("mounts", [])},
    )


def variables(template: Mapping[str, Any], app_name: str) -> helpers.Values:
    """Generate in two rounds, in the order of the file, as Dokploy does: a later one may still be its raw text."""
    given = {name: text for name, text in template.get("variables", {}).items() if isinstance(text, str)}
    values = helpers.Values(app_name, {"APP_NAME": app_name, **given})
    for name, text in given.items():
        if text == "${domain}":
            values.by_name[name] = values.generate("domain")
        elif (whole := WHOLE.match(text)) and helpers.imitated(whole[1]):
            values.by_name[name] = values.generate(whole[1])
    for name in given:
        values.by_name[name] = values.fill(values.by_name[name])
    return values


def _environment(config: Mapping[str, Any], values: helpers.Values) -> Iterator[str]:
    """Read the list. The other forms that Dokploy takes are refused by the check."""
    lines = config.get("env", [])
    return (values.fill(line) for line in lines if isinstance(line, str))


def _domains(config: Mapping[str, Any], values: helpers.Values) -> Iterator[Mapping[str, Any]]:
    for domain in config.get("domains", []):
        host = values.fill(domain["host"]) if "host" in domain else values.generate("domain")
        yield {"port": 3000, "path": "/", **domain, "host": host, "certificateType": "none"}
