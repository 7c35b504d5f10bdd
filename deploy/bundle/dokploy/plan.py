"""What to ask of Dokploy, given what exists: pure, one round at a time.

A round asks only for what needs no answer of the same round; then the server is read again. So a call that was cut
off and one that starts from nothing go the same way. With the effects that requests foresee the whole way can be
shown, and refused, before the first step.
"""

from collections.abc import Iterator
from dataclasses import replace

from bundle.dokploy import domains, environment_tab, refusals
from bundle.dokploy.found import PRODUCTION, Domain, Found, Service
from bundle.dokploy.imitation import template
from bundle.dokploy.request import COMPOSE_ID, DOMAIN_ID, ENVIRONMENT_ID, PROJECT_ID, Request, changed
from bundle.dokploy.settings import GIT, REGISTRY
from bundle.dokploy.wanted import GIT_COMPOSE, Wanted
from bundle.errors import BundleError

# Project, environment, service, import, changes; none after that.
ROUNDS = 8
MADE_UP_HOST = "made-up-by-dokploy.sslip.io"
MADE_BY_DOKPLOY = "<made by Dokploy>"
# Cookies that a browser sends over HTTPS only: with plain http nobody could sign in.
HTTPS_VARIABLE = "SECURE_COOKIES"


def whole(found: Found, wanted: Wanted) -> tuple[list[Request], Found]:
    """Give every request before the deploy, and the server after them."""
    requests: list[Request] = []
    for _ in range(ROUNDS):
        following = steps(found, wanted)
        if not following:
            return requests, found
        requests += following
        for request in following:
            found = request.effect(found)
    raise BundleError(
        f"This does not settle: {following[-1].title} is asked for again and again. Nothing was changed; show"
        " `make dokploy-apply DRY_RUN=1` and the Environment tab, without its secrets, to who looks after the bundle."
    )


def steps(found: Found, wanted: Wanted) -> list[Request]:
    """Give the next round; nothing means that everything is as it should be."""
    if not found.project_id:
        return [_project(wanted)]
    if not found.environment_id:
        return [_environment(found, wanted)]
    if found.service is None:
        return [_service(found, wanted)]
    refusals.of_strangers(found.service, wanted)
    refusals.of_a_lost_tab(found.service)
    if found.service.importable:
        return [_import(found.service, wanted)]
    # The tab comes before the domain: it still says which host is to go if we are cut off between the two.
    return [
        *_source(found.service, wanted),
        *_tab(found.service, wanted),
        *domains.requests(found.service, wanted),
    ]


def source(service: Service, wanted: Wanted) -> str:
    return wanted.settings.source or (GIT if service.source == "git" else REGISTRY)


def _project(wanted: Wanted) -> Request:
    name, environment = wanted.settings.project, wanted.settings.environment
    body = {"name": name, "description": wanted.title}
    made = Found(project_id=PROJECT_ID, environment_id=ENVIRONMENT_ID if environment == PRODUCTION else "")
    return Request("project.create", body, f"create the project {name}", lambda _: made)


def _environment(found: Found, wanted: Wanted) -> Request:
    name = wanted.settings.environment
    refusals.of_production(name, wanted)
    body = {"name": name, "projectId": found.project_id}
    made = replace(found, environment_id=ENVIRONMENT_ID)
    return Request("environment.create", body, f"create the environment {name}", lambda _: made)


def _service(found: Found, wanted: Wanted) -> Request:
    """Create it as a raw one: left out, the source would be GitHub."""
    name = wanted.settings.service
    body = {
        "name": name,
        "environmentId": found.environment_id,
        "appName": name,
        "description": wanted.title,
        "composeType": "docker-compose",
        "sourceType": "raw",
    }
    made = Service(id=COMPOSE_ID, name=name, app_name=name, description=wanted.title)
    return Request("compose.create", body, f"create the Compose service {name}", lambda now: replace(now, service=made))


def _import(service: Service, wanted: Wanted) -> Request:
    """Import once: a second import would delete domains and files and make other secrets."""
    body = {"composeId": service.id, "base64": wanted.pasted}
    made = {
        name: MADE_UP_HOST if text == "${domain}" else MADE_BY_DOKPLOY
        for name, text in wanted.template["variables"].items()
    }
    imported = template.process(wanted.compose, {**wanted.template, "variables": made}, service.app_name)
    effect = changed(
        source="raw",
        compose=imported.compose,
        tab=imported.environment,
        domains=tuple(
            Domain(
                id=DOMAIN_ID,
                host=row["host"],
                service=row["serviceName"],
                port=row["port"],
                path=row["path"],
                https=False,
                certificate="none",
            )
            for row in imported.domains
        ),
    )
    return Request("compose.import", body, "import the stack", effect)


def _source(service: Service, wanted: Wanted) -> Iterator[Request]:
    change = _repository(service, wanted) if source(service, wanted) == GIT else _text(service, wanted)
    if change:
        title, columns, effect = change
        yield Request("compose.update", {"composeId": service.id, **columns}, title, changed(**effect))


def _text(service: Service, wanted: Wanted) -> tuple[str, dict[str, str], dict[str, str]] | None:
    if service.source == "raw" and service.compose.rstrip() == wanted.compose.rstrip():
        return None
    columns = {"sourceType": "raw", "composeFile": wanted.compose}
    return "update the Compose text", columns, {"source": "raw", "compose": wanted.compose}


def _repository(service: Service, wanted: Wanted) -> tuple[str, dict[str, str], dict[str, str]] | None:
    address = wanted.settings.git_url or service.git_url
    branch = wanted.settings.git_branch or service.git_branch or "main"
    refusals.of_no_address(address, wanted)
    if (service.source, service.git_url, service.git_branch, service.git_path) == ("git", address, branch, GIT_COMPOSE):
        return None
    columns = {
        "sourceType": "git",
        "customGitUrl": address,
        "customGitBranch": branch,
        "composePath": GIT_COMPOSE,
    }
    effect = {"source": "git", "git_url": address, "git_branch": branch, "git_path": GIT_COMPOSE}
    return f"build from the branch {branch}", columns, effect


def _tab(service: Service, wanted: Wanted) -> Iterator[Request]:
    refusals.of_lost_secrets(service, wanted)
    old = domains.known_host(service, wanted)
    new = wanted.settings.domain or old
    tab = environment_tab.moved(service.tab, wanted.template, old=old, new=new)
    tab = environment_tab.merged(tab, wanted.template, app_name=service.app_name, host=new, given=_given(wanted))
    refusals.of_gaps(tab, wanted, source(service, wanted))
    if tab != "\n".join(service.tab.splitlines()) or not service.env_file:
        body = {"composeId": service.id, "env": tab, "createEnvFile": True}
        yield Request("compose.saveEnvironment", body, "save the Environment tab", changed(tab=tab, env_file=True))


def _given(wanted: Wanted) -> dict[str, str]:
    settings = wanted.settings
    secure = "" if settings.https is None else str(settings.https)
    given = {"REGISTRY": settings.registry, "TAG": settings.tag, HTTPS_VARIABLE: secure}
    return {name: value for name, value in given.items() if value}
