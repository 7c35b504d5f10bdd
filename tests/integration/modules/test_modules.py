"""Each app alone, and each taken from a database that holds its data and put back: with the product's own processes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from bundle.host import static
from config.modules import OPTIONAL
from tests import servers
from tests.checkout import ROOT
from tests.integration.backend import PASSWORD, USER, Backend

# A deploy, and what the web answers after it to who may see everything.
DEPLOY = """
import json
from io import StringIO
from django.contrib.auth.models import User
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from core.organisations.models import Organisation

call_command("deploy")
call_command("check", databases=["default"], fail_level="WARNING")
pruned = StringIO()
call_command("sync_schedules", prune=True, stdout=pruned)
call_command("seed_demo", stdout=StringIO())
demo, harbour = User.objects.get(username="demo"), Organisation.objects.filter(slug="harbour").first()
web = Client(SERVER_NAME="localhost", headers={"X-Organisation": "harbour-foods"}, raise_request_exception=False)
web.force_login(demo)
PAGES = [
    "/admin/", "/admin/runs/run/", "/admin/django_celery_beat/periodictask/", f"/admin/auth/user/{demo.pk}/change/",
    "/api/v1/docs", "/api/v1/tasks/schedules", "/api/v1/tasks/health", "/api/v1/tasks/metrics",
]
schema, menu = web.get("/api/v1/openapi.json").json(), web.get("/admin/").content.decode()
deleted = harbour and web.post(f"/admin/organisations/organisation/{harbour.pk}/delete/", {"post": "yes"})
print(json.dumps({
    "pruned": pruned.getvalue(),
    "pages": {page: web.get(page).status_code for page in PAGES},
    "paths": {path: [tag for way in ways.values() for tag in way["tags"]] for path, ways in schema["paths"].items()},
    "tags": [tag["name"] for tag in schema["tags"]],
    "menu": [name for name in APPS if f"/admin/{name}/" in menu],
    "gone": {path: web.get(path.replace("{", "").replace("}", "")).status_code for path in GONE},
    "deleted": harbour and [deleted.status_code, deleted.content.decode()],
}))
"""
SCHEDULES = """
SELECT s.key, t.enabled, t.queue, t.crontab_id, s.edited::text, s.off_at IS NULL FROM schedules_schedule s
JOIN django_celery_beat_periodictask t ON t.id = s.periodic_task_id ORDER BY s.key
"""
ROWS = "SELECT count(*) || md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {} t"


@dataclass
class Desk(Backend):
    """A backend with some of the apps."""

    modules: Sequence[str] = OPTIONAL
    together: dict[str, Any] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"MODULES": ",".join(self.modules)}

    def deploy(self, *modules: str, gone: Sequence[str] = ()) -> dict[str, Any]:
        """Deploy with these apps, as a release with other MODULES does; return what the web answers then."""
        self.modules = modules
        told = self.manage("shell", "-v0", "-c", f"APPS, GONE = {OPTIONAL!r}, {list(gone)!r}\n{DEPLOY}")
        answer: dict[str, Any] = json.loads(told.splitlines()[-1])
        return answer

    def schedules(self, modules: Sequence[str]) -> list[tuple[Any, ...]]:
        keys = [spec.key for module in modules for spec in import_module(f"apps.{module}.jobs").JOBS]
        return [row for row in self.sql(SCHEDULES) if row[0] in keys]

    def rows(self, module: str) -> dict[str, str]:
        """Return a sum over all rows of each table of the app."""
        tables = self.sql("SELECT tablename FROM pg_tables WHERE tablename LIKE %s ORDER BY 1", f"{module}\\_%")
        return {name: self.sql(ROWS.format(name))[0][0] for (name,) in tables}


def tags(modules: Sequence[str]) -> set[str]:
    return {tag["name"] for module in modules for tag in import_module(f"apps.{module}.api").TAGS}


def pages(modules: Sequence[str]) -> list[str]:
    """Return the apps that have lines in the admin's menu."""
    return [name for name in modules if getattr(apps.get_app_config(name), "menu", ())]


def others(module: str) -> list[str]:
    return [name for name in OPTIONAL if name != module]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve a database in which every app has rows, and an operator disabled the first schedule of each."""
    static.ensure(ROOT, partial(call_command, "collectstatic", interactive=False, verbosity=0))
    directory = tmp_path_factory.mktemp("modules")
    directory.chmod(0o711)
    with (
        servers.postgres(directory, user=USER, password=PASSWORD) as postgres,
        servers.redis_server(directory, password=PASSWORD) as redis,
    ):
        desk = Desk(directory, postgres, redis)
        desk.deploy(*OPTIONAL)
        for module in OPTIONAL:
            key = import_module(f"apps.{module}.jobs").JOBS[0].key
            desk.sql("UPDATE django_celery_beat_periodictask SET enabled = false WHERE name = %s", key)
        desk.together = desk.deploy(*OPTIONAL)
        yield desk


def test_all_apps_run_together(desk: Desk):
    assert {*desk.together["pages"].values()} == {200}
    assert (desk.together["menu"], tags(OPTIONAL) - {*desk.together["tags"]}) == (pages(OPTIONAL), set())


@pytest.mark.parametrize("module", OPTIONAL)
def test_an_app_runs_alone_beside_the_rows_of_the_others(desk: Desk, module: str):
    asked = desk.deploy(module)

    assert {*asked["pages"].values()} == {200}
    assert (asked["menu"], tags(OPTIONAL) & {*asked["tags"]}) == (pages([module]), tags([module]))


@pytest.mark.parametrize("module", OPTIONAL)
def test_an_app_is_taken_out_and_put_back_with_all_that_it_had(desk: Desk, module: str):
    desk.deploy(*OPTIONAL)
    rows, schedules, rest = desk.rows(module), desk.schedules(OPTIONAL), others(module)
    its_paths = [path for path, named in desk.together["paths"].items() if {*named} & tags([module])]

    asked = desk.deploy(*rest, gone=its_paths)

    assert {*asked["pages"].values()} == {200}
    assert (asked["menu"], tags(OPTIONAL) & {*asked["tags"]}) == (pages(rest), tags(rest))
    assert {*asked["gone"].values()} == ({404} if tags([module]) else set())
    assert asked["pruned"] == "The schedules are in sync with the code.\n"
    assert {row[1] for row in desk.schedules([module])} == {False}
    assert {*desk.schedules(rest)} < {*schedules}

    desk.deploy(*OPTIONAL)

    assert (desk.rows(module), desk.schedules(OPTIONAL)) == (rows, schedules)
    assert rows


def test_what_rows_of_an_app_that_is_off_belong_to_is_not_deleted(desk: Desk):
    desk.deploy(*OPTIONAL)
    make = "from apps.tickets.tests.factories import BoardFactory; BoardFactory(organisation__slug='harbour')"
    desk.manage("shell", "-c", make)

    status, sentence = desk.deploy(*others("tickets"))["deleted"]

    assert status == 409
    assert sentence == (
        "This is still used in tickets_board, whose app is off: put it into MODULES, and delete it there first."
    )
