"""The domain that leads to the web: found, changed in its place, never deleted."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bundle.dokploy import environment_tab, refusals
from bundle.dokploy.found import Domain, Service
from bundle.dokploy.request import DOMAIN_ID, Effect, Request, changed
from bundle.dokploy.wanted import Wanted


def current(service: Service, wanted: Wanted) -> Domain | None:
    """Give the row that this call is about; the rows that lead elsewhere are nobody's business here."""
    ours = [one for one in service.domains if one.service == wanted.front["serviceName"]]
    same = [one for one in ours if one.host == wanted.settings.domain]
    if len(ours) > 1 and not same:
        refusals.of_several(ours)
    return next(iter(same or ours), None)


def known_host(service: Service, wanted: Wanted) -> str:
    """Give the host as it is now: of the row, else of the tab, which an import fills before it makes the row."""
    row = current(service, wanted)
    return row.host if row else environment_tab.host_in(service.tab, wanted.template)


def requests(service: Service, wanted: Wanted) -> Iterator[Request]:
    row = current(service, wanted)
    target = _target(row, wanted.settings.domain or known_host(service, wanted), wanted)
    refusals.of_no_host(target.host, service)
    refusals.of_a_made_up_host(target)
    if row is None:
        body = {"composeId": service.id, "domainType": "compose", **_columns(target)}
        yield Request("domain.create", body, f"add the domain {target.host}", _with(service, target))
    elif row != target:
        how = " with HTTPS" if target.https else ""
        body = {"domainId": row.id, **_columns(target)}
        yield Request("domain.update", body, f"set the domain {target.host}{how}", _with(service, target))


def _target(row: Domain | None, host: str, wanted: Wanted) -> Domain:
    """Keep what was set by hand and not asked for: a path, a certificate of one's own, HTTPS itself."""
    front, https = wanted.front, wanted.settings.https
    base = row or Domain(id=DOMAIN_ID, host="", service="", port=0, path="/", https=False, certificate="none")
    secure = base.https if https is None else https
    certificate = base.certificate
    if https is not None:
        certificate = "none" if not https else "custom" if base.certificate == "custom" else "letsencrypt"
    return replace(
        base, host=host, service=front["serviceName"], port=front["port"], https=secure, certificate=certificate
    )


def _columns(domain: Domain) -> dict[str, Any]:
    return {
        "host": domain.host,
        "path": domain.path,
        "port": domain.port,
        "serviceName": domain.service,
        "https": domain.https,
        "certificateType": domain.certificate,
    }


def _with(service: Service, domain: Domain) -> Effect:
    others = (one for one in service.domains if one.id != domain.id)
    return changed(domains=(*others, domain))
