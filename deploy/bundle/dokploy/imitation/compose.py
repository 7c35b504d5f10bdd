"""The Compose text as Dokploy writes it anew at each deploy: YAML 1.2 in and out, with networks and labels added."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bundle.dokploy.imitation import yaml12

NETWORK = "dokploy-network"
# Traefik's doors, as Dokploy configures them.
PLAIN, ENCRYPTED = "web", "websecure"


class DeployRefusedError(Exception):
    """Dokploy would stop the deploy; the message says what to change."""


def converted(text: str, app_name: str, domains: Iterable[Mapping[str, Any]], *, isolated: bool = False) -> str:
    """Add what leads Traefik to the services that have a domain; comments and needless quotes vanish."""
    document = yaml12.load(text)
    services = document["services"]
    network = app_name if isolated else NETWORK
    for number, domain in enumerate(domains, start=1):
        name = domain.get("serviceName")
        if name not in services:
            raise DeployRefusedError(f"a domain leads to {name!r}, which is no service of the Compose text")
        _add_labels(services[name], [*_labels(domain, f"{app_name}-{number}", network)])
        if not isolated:
            services[name]["networks"] = [NETWORK, "default"]
    if isolated:
        for service in services.values():
            service["networks"] = [network]
    document["networks"] = {network: {"external": True}}
    return yaml12.dump(document)


def _add_labels(service: dict[str, Any], labels: list[str]) -> None:
    own = service.get("labels", [])
    if isinstance(own, dict):
        service["labels"] = {**own, **dict(label.split("=", 1) for label in labels)}
    else:
        service["labels"] = list(dict.fromkeys([*labels, *own]))


def _labels(domain: Mapping[str, Any], name: str, network: str) -> Iterator[str]:
    yield "traefik.enable=true"
    yield f"traefik.docker.network={network}"
    secure = bool(domain.get("https"))
    yield from _router(domain, f"{name}-{PLAIN}", PLAIN)
    if secure:
        yield f"traefik.http.routers.{name}-{PLAIN}.middlewares=redirect-to-https@file"
        yield from _router(domain, f"{name}-{ENCRYPTED}", ENCRYPTED)
        yield f"traefik.http.routers.{name}-{ENCRYPTED}.tls.certresolver=letsencrypt"


def _router(domain: Mapping[str, Any], name: str, door: str) -> Iterator[str]:
    path = "" if domain["path"] == "/" else f" && PathPrefix(`{domain['path']}`)"
    yield f"traefik.http.routers.{name}.rule=Host(`{domain['host']}`){path}"
    yield f"traefik.http.routers.{name}.entrypoints={door}"
    yield f"traefik.http.routers.{name}.service={name}"
    yield f"traefik.http.services.{name}.loadbalancer.server.port={domain['port']}"
