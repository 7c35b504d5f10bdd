"""[[config.domains]]: an import stores any host and port, and the deploy fails or the domain leads nowhere."""

import re
from collections.abc import Iterator

from bundle.dokploy.checks.submission import Submission
from bundle.dokploy.imitation import template
from bundle.render.dokploy import COMPOSE, TEMPLATE

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*", re.IGNORECASE)
PORTS = range(1, 65536)


def services_exist(submission: Submission) -> Iterator[str]:
    for place, domain in _domains(submission):
        if domain["serviceName"] not in submission.documents[COMPOSE]["services"]:
            yield f"{place}.serviceName: {domain['serviceName']!r} is no service of {COMPOSE}; name one of those"


def ports_are_ports(submission: Submission) -> Iterator[str]:
    for place, domain in _domains(submission):
        if domain["port"] not in PORTS:
            yield f"{place}.port: {domain['port']} is no port; use 1 to 65535"


def ports_are_those_of_the_service(submission: Submission) -> Iterator[str]:
    for place, domain in _domains(submission):
        service = submission.documents[COMPOSE]["services"].get(domain["serviceName"], {})
        exposed = [int(port) for port in service.get("expose", [])]
        if domain["port"] in PORTS and service and domain["port"] not in exposed:
            yield f"{place}.port: {domain['serviceName']} does not expose {domain['port']}; use a port that it exposes"


def hosts_are_hosts(submission: Submission) -> Iterator[str]:
    """Look at the host as the import would store it."""
    imported = template.process("", submission.template, submission.id)
    for (place, _), domain in zip(_domains(submission), imported.domains, strict=True):
        if "${" not in domain["host"] and not HOST.fullmatch(domain["host"]):
            yield f"{place}.host: {domain['host']!r} is no host name; use letters, digits, hyphens and dots"


def paths_begin_at_the_root(submission: Submission) -> Iterator[str]:
    for place, domain in _domains(submission):
        if not str(domain.get("path", "/")).startswith("/"):
            yield f"{place}.path: {domain['path']!r} does not begin with /; write it from the root"


def _domains(submission: Submission) -> list[tuple[str, dict[str, object]]]:
    domains = submission.config.get("domains", [])
    return [(f"{TEMPLATE}: config.domains[{number}]", domain) for number, domain in enumerate(domains)]


RULES = (
    services_exist,
    ports_are_ports,
    ports_are_those_of_the_service,
    hosts_are_hosts,
    paths_begin_at_the_root,
)
