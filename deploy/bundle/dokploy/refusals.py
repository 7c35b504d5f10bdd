"""What speaks against a change, found before the first request is sent: each one sentence with its remedy."""

from bundle.dokploy import environment_tab
from bundle.dokploy.found import PRODUCTION, Domain, Service
from bundle.dokploy.settings import GIT
from bundle.dokploy.wanted import GIT_COMPOSE, Wanted, services_in
from bundle.errors import BundleError

# Domains that Dokploy makes up; everybody's share one limit of certificates.
MADE_UP = (".sslip.io", ".traefik.me")


def of_strangers(service: Service, wanted: Wanted) -> None:
    """Refuse to write over what somebody else has put there under our name."""
    if service.kind != "docker-compose":
        raise BundleError(
            f"{_named(service)} is of the kind {service.kind!r}, which ignores what must come first:"
            " delete it, or make it one of the kind docker-compose."
        )
    if _strange(service, wanted):
        raise BundleError(
            f"{_named(service)} is not {wanted.title}: rename it, or choose another project with DOKPLOY_PROJECT."
        )


def _strange(service: Service, wanted: Wanted) -> bool:
    if service.source == "git":
        return bool(service.git_url) and service.git_path.removeprefix("./") != GIT_COMPOSE.removeprefix("./")
    known = service.compose.strip() in ("", wanted.compose.strip())
    return service.connected or (not known and not set(services_in(service.compose)) & set(wanted.services))


def of_a_lost_tab(service: Service) -> None:
    if service.empty and service.status == "done":
        raise BundleError(
            f"{_named(service)} has run, and its text and its Environment tab are empty: an import would make other"
            " secrets than those of its data. Put the tab back, or delete the service with its volumes."
        )


def of_lost_secrets(service: Service, wanted: Wanted) -> None:
    """Refuse to make a new password for data that only the old one opens."""
    missing = environment_tab.missing(service.tab, environment_tab.secrets(wanted.template))
    lost = [name for name in missing if service.deployed and f"${{{name}" in service.compose]
    if lost:
        raise BundleError(
            f"{_named(service)} has run, and its Environment tab lacks {', '.join(lost)}: put back what its data was"
            " made with (a backup of the tab, or `docker inspect` of a container that still runs)."
        )


def of_gaps(tab: str, wanted: Wanted, source: str) -> None:
    text = wanted.built if source == GIT else wanted.compose
    if gaps := environment_tab.missing(tab, environment_tab.insisted(text)):
        example = "REGISTRY=registry.example.org/team TAG=1.4.0"
        raise BundleError(
            f"{' and '.join(gaps)} {'has' if len(gaps) == 1 else 'have'} no value yet: say where the images are, as in"
            f" `make dokploy-apply {example}`, or let Dokploy build them: DOKPLOY_SOURCE=git GIT_URL=..."
        )


def of_production(environment: str, wanted: Wanted) -> None:
    """Dokploy makes it with the project and lets nobody else make it."""
    if environment == PRODUCTION:
        raise BundleError(
            f"The project {wanted.settings.project!r} in Dokploy has no environment {PRODUCTION!r}, and none of this"
            " name can be made: choose another with DOKPLOY_ENVIRONMENT."
        )


def of_no_address(address: str, wanted: Wanted) -> None:
    """A build needs a repository, and what stands in the repository has the names that were committed."""
    if not address:
        raise BundleError("GIT_URL is not set: name the repository that Dokploy is to build the images from.")
    if wanted.settings.service != wanted.committed:
        raise BundleError(
            f"DOKPLOY_SOURCE=git builds what is committed, whose services are named {wanted.committed}-...:"
            " leave STACK_NAME out and choose the project with DOKPLOY_PROJECT."
        )


def of_several(domains: list[Domain]) -> None:
    hosts = ", ".join(one.host for one in domains)
    raise BundleError(
        f"Several domains lead to {domains[0].service} ({hosts}): name one of them in DOMAIN, or delete in the Domains"
        " tab those that should go."
    )


def of_no_host(host: str, service: Service) -> None:
    if not host:
        raise BundleError(f"{_named(service)} has no domain: give it one, as in DOMAIN=desk.example.org.")


def of_a_made_up_host(domain: Domain) -> None:
    if domain.certificate == "letsencrypt" and domain.host.endswith(MADE_UP):
        raise BundleError(
            "HTTPS=1 needs a domain of your own, and Dokploy made one up: give DOMAIN=desk.example.org, whose address"
            " is that of the server."
        )


def _named(service: Service) -> str:
    return f"The Compose service {service.name!r} in Dokploy"
