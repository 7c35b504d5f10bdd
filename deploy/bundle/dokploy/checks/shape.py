"""Round two: tables, lists and texts stand where Dokploy looks for them; it loses silently what stands elsewhere."""

from collections.abc import Iterator
from typing import Any

from bundle.dokploy.checks.submission import Submission
from bundle.render.dokploy import TEMPLATE

# Of [[config.domains]]; Dokploy drops any other key, and sets the type of certificate itself.
DOMAIN_KEYS = {
    "serviceName",
    "port",
    "host",
    "path",
    "https",
    "stripPath",
    "internalPath",
    "middlewares",
    "customEntrypoint",
}


def config_is_a_table(submission: Submission) -> Iterator[str]:
    if not isinstance(submission.template.get("config"), dict):
        yield f"{TEMPLATE}: config: missing; write [config] with env and domains"


def variables_are_text(submission: Submission) -> Iterator[str]:
    for name, value in _table(submission.template.get("variables")).items():
        if not isinstance(value, str):
            yield f"{TEMPLATE}: variables.{name}: not text, so Dokploy leaves it out; put it in quotes"


def environment_is_a_list_of_text(submission: Submission) -> Iterator[str]:
    config = _table(submission.template.get("config"))
    strayed = [domain for domain in _tables(config.get("domains")) if "env" in domain]
    if strayed:
        yield f"{TEMPLATE}: config.env: stands below [[config.domains]] and is lost; move it up, right below [config]"
    elif "config" in submission.template and not _texts(config.get("env")):
        yield f'{TEMPLATE}: config.env: no list of text; write env = ["NAME=value", ...]'


def domains_lead_somewhere(submission: Submission) -> Iterator[str]:
    domains = _table(submission.template.get("config")).get("domains", [])
    if not _all_tables(domains):
        yield f"{TEMPLATE}: config.domains: no list of tables; write [[config.domains]]"
    for number, domain in enumerate(_tables(domains)):
        place = f"{TEMPLATE}: config.domains[{number}]"
        if not isinstance(domain.get("serviceName"), str):
            yield f"{place}.serviceName: missing, so Dokploy drops the domain; name a service"
        if type(domain.get("port")) is not int:
            yield f"{place}.port: no whole number; give the port on which the service listens"
        for key in sorted(domain.keys() - DOMAIN_KEYS - {"env"}):
            yield f"{place}.{key}: Dokploy ignores this key; remove it"


def mounts_are_whole(submission: Submission) -> Iterator[str]:
    mounts = _table(submission.template.get("config")).get("mounts", [])
    if not _all_tables(mounts):
        yield f"{TEMPLATE}: config.mounts: no list of tables; write [[config.mounts]]"
    for number, mount in enumerate(_tables(mounts)):
        for key in ("filePath", "content"):
            if not isinstance(mount.get(key), str):
                yield f"{TEMPLATE}: config.mounts[{number}].{key}: no text, and the import fails; give it"


def compose_has_services(submission: Submission) -> Iterator[str]:
    for name, document in submission.documents.items():
        services = _table(document).get("services")
        if not _table(services):
            yield f"{name}: services: none; name at least one"
        for service, content in _table(services).items():
            if not _table(content):
                yield f"{name}: services.{service}: no table; say what it runs"


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _all_tables(value: Any) -> bool:
    return isinstance(value, list) and len(_tables(value)) == len(value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


RULES = (
    config_is_a_table,
    variables_are_text,
    environment_is_a_list_of_text,
    domains_lead_somewhere,
    mounts_are_whole,
    compose_has_services,
)
