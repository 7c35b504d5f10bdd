"""The last look before users meet it: the Compose text as Dokploy will start it, with its networks and labels."""

from collections.abc import Iterator, Mapping
from typing import Any

from bundle.dokploy.found import Domain
from bundle.dokploy.imitation import yaml12
from bundle.dokploy.wanted import Wanted


def problems(text: str, domain: Domain, wanted: Wanted) -> Iterator[str]:
    """Say what stands between a visitor and the web."""
    try:
        document = yaml12.load(text)
    except yaml12.YamlRefusedError as error:
        yield f"it is no Compose text ({error})"
        return
    services = document.get("services") if isinstance(document, dict) else None
    if not isinstance(services, dict) or set(services) != set(wanted.services):
        yield f"its services are {', '.join(services or ()) or 'none'}, not {', '.join(wanted.services)}"
        return
    yield from _labels_missing(_labels(services[domain.service]), domain)


def _labels_missing(labels: Mapping[str, str], domain: Domain) -> Iterator[str]:
    routers = {
        name.split(".")[3]: rule
        for name, rule in labels.items()
        if name.startswith("traefik.http.routers.") and name.endswith(".rule")
    }
    leading = [router for router, rule in routers.items() if f"Host(`{domain.host}`)" in rule]
    if not leading:
        yield f"no router leads from {domain.host} to {domain.service}; is the domain switched off in the Domains tab?"
    secure = [one for one in leading if labels.get(f"traefik.http.routers.{one}.entrypoints") == "websecure"]
    if leading and domain.https and not secure:
        yield f"no router leads from https://{domain.host} to {domain.service}"


def _labels(service: Mapping[str, Any]) -> Mapping[str, str]:
    labels = service.get("labels") or {}
    if isinstance(labels, dict):
        return labels
    pairs = (label.partition("=") for label in labels)
    return {name: value for name, _, value in pairs}
