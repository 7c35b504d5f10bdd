"""Bring a Dokploy to what is wanted: read, ask, read again, until nothing is left; then deploy, and wait for it."""

from bundle import terminal
from bundle.dokploy import deployment, domains, environment_tab, final_text, found, mark, plan, shown
from bundle.dokploy.api import Api, DokployError, shown_query
from bundle.dokploy.found import Found, Service
from bundle.dokploy.journal import Journal
from bundle.dokploy.settings import GIT
from bundle.dokploy.wanted import Wanted
from bundle.errors import BundleError

DEPLOY, LOOK = "deploy", "look at the text that Dokploy starts"


def run(api: Api, wanted: Wanted) -> None:
    now = found.read(api, wanted.settings)
    # Everything that speaks against it is said here, before the first change.
    planned, foreseen = plan.whole(now, wanted)
    deploys = _deploys(bool(planned), foreseen, wanted)
    journal = Journal([*(one.title for one in planned), *([LOOK, DEPLOY] if deploys else [])])
    with journal.told():
        now = _converge(api, wanted, now, journal)
        if deploys:
            _deploy(api, wanted, now, journal)
    _tell(wanted, now, changed=bool(planned), deployed=deploys)


def show(api: Api | None, wanted: Wanted) -> None:
    """Show every request and send none but those that read."""
    if api is None:
        terminal.note("DOKPLOY_URL is not set: this is the way on a Dokploy that has nothing of ours.")
    now = found.read(api, wanted.settings) if api else Found()
    planned, foreseen = plan.whole(now, wanted)
    for one in planned:
        terminal.say(shown.request(one, wanted))
    if foreseen.service and _deploys(bool(planned), foreseen, wanted):
        _show_deploy(foreseen.service, wanted)
    elif not planned:
        terminal.say("Nothing is to be done.")
    terminal.note("Nothing was changed (DRY_RUN).")


def _show_deploy(service: Service, wanted: Wanted) -> None:
    look = shown_query("compose.getConvertedCompose", {"composeId": service.id})
    deploy = shown.post("compose.deploy", deployment.body(service, _title(wanted)))
    wait = f"{shown_query('deployment.allByCompose', {'composeId': service.id})} (until it has ended)"
    from_git = plan.source(service, wanted) == GIT
    for line in (deploy, wait, look) if from_git else (look, deploy, wait):
        terminal.say(line)
    terminal.say(shown.post("compose.update", {"composeId": service.id, "description": "<what was deployed>"}))


def _deploys(changes: bool, foreseen: Found, wanted: Wanted) -> bool:
    marked = foreseen.service is not None and mark.deployed(foreseen.service)
    return changes or wanted.settings.deploy or not marked


def _converge(api: Api, wanted: Wanted, now: Found, journal: Journal) -> Found:
    before: list[str] = []
    while following := plan.steps(now, wanted):
        titles = [one.title for one in following]
        if titles == before:
            raise DokployError(
                f"Dokploy took the requests to {', '.join(titles)} and is as it was: is it older than v0.30?"
            )
        for one in following:
            with journal.step(one.title):
                api.post(one.procedure, one.body)
        before, now = titles, found.read(api, wanted.settings)
    return now


def _deploy(api: Api, wanted: Wanted, now: Found, journal: Journal) -> None:
    """Look first where Dokploy has the text; that of a repository it fetches with the deploy."""
    service = now.service
    assert service is not None  # noqa: S101 - whatever is missing was made before
    from_git = plan.source(service, wanted) == GIT
    if not from_git:
        _look(api, service, wanted, journal)
    with journal.step(DEPLOY):
        seconds = wanted.settings.wait_seconds
        try:
            deployment.run(api, service, title=_title(wanted), timeout_seconds=seconds)
        except BundleError as error:
            raise DokployError(*error.problems, f"Look at {_page(wanted, now)}?tab=deployments.") from None
    if from_git:
        _look(api, service, wanted, journal)
    api.post("compose.update", {"composeId": service.id, "description": mark.description(service)})


def _look(api: Api, service: Service, wanted: Wanted, journal: Journal) -> None:
    with journal.step(LOOK):
        text = api.get("compose.getConvertedCompose", composeId=service.id)
        domain = domains.current(service, wanted)
        assert domain is not None  # noqa: S101 - as above
        for problem in final_text.problems(str(text), domain, wanted):
            raise DokployError(f"What Dokploy starts is not right: {problem}.")


def _title(wanted: Wanted) -> str:
    tag = f" {wanted.settings.tag}" if wanted.settings.tag else ""
    return f"{wanted.title}{tag} (make dokploy-apply)"


def _tell(wanted: Wanted, now: Found, *, changed: bool, deployed: bool) -> None:
    service = now.service
    assert service is not None  # noqa: S101 - as above
    what = "is deployed" if deployed else "is as it should be; nothing was changed"
    terminal.say(terminal.bold(f"{wanted.settings.project}/{service.name} ({service.app_name}) {what}"))
    domain = domains.current(service, wanted)
    assert domain is not None  # noqa: S101 - as above
    terminal.say(f"  address   {'https' if domain.https else 'http'}://{domain.host}{domain.path}admin/")
    terminal.say(f"  Dokploy   {_page(wanted, now)}")
    for name in environment_tab.unserved(service.tab, wanted.template, domain.host):
        terminal.note(f"{name} in the Environment tab does not name {domain.host}: the web refuses it until it does.")


def _page(wanted: Wanted, now: Found) -> str:
    service = now.service.id if now.service else ""
    place = f"project/{now.project_id}/environment/{now.environment_id}/services/compose/{service}"
    return f"{wanted.settings.url}/dashboard/{place}"
