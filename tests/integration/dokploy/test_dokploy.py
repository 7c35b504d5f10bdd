"""The imported stack as Dokploy's tabs meet it: domain, logs, backups, isolated deployments."""

import json
import subprocess
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest

from tests.checkout import STACK
from tests.integration.stacks import started
from tests.integration.targets.dokploy import Dokploy
from tests.unit.dokploy.levels import WORDS, stated

ALWAYS = [name for name, service in STACK.service.items() if not service.profile]
DATABASE, USER = "ticketing", "postgres"
COUNT = "from core.organisations.models import Organisation; print(Organisation.objects.count())"
EMPTY = "from core.organisations.models import Organisation; Organisation.objects.all().delete()"


@pytest.fixture(scope="module")
def stack(docker: None) -> Iterator[Dokploy]:
    with started(Dokploy()) as running:
        running.python("from core.organisations.models import Organisation; Organisation.objects.create(slug='acme')")
        running.python(
            "from django.contrib.auth.models import User; User.objects.create_superuser('root', password='let-me-look')"
        )
        yield running


def networks(stack: Dokploy, *services: str) -> set[frozenset[str]]:
    """Give the networks of every container of the services."""
    found = [one.facts["NetworkSettings"]["Networks"] for name in services for one in stack.of(name)]
    return {frozenset(each) for each in found}


def test_the_web_is_on_dokploys_network_and_on_that_of_the_stack(stack):
    own = f"{stack.name}_default"

    assert networks(stack, "backend") == {frozenset({own, stack.network})}
    assert networks(stack, "db", "redis", "celery", "migrate") == {frozenset({own})}


def test_services_find_each_other_by_their_names(stack):
    found = stack.execute("celery", "getent", "hosts", *(f"ticketing-{name}" for name in ("backend", "db", "redis")))

    assert len(found.splitlines()) == 3


def test_only_the_test_itself_publishes_a_port(stack):
    assert [one.service for one in stack.containers() if one.published] == ["ticketing-backend"]


def test_an_isolated_deployment_is_healthy_on_the_network_of_the_app_alone(docker):
    with started(Dokploy(isolated=True, workers=2)) as isolated:
        assert networks(isolated, *ALWAYS) == {frozenset({isolated.name})}
        assert [one.health for one in isolated.of("celery")] == ["healthy", "healthy"]


def test_dokploy_shows_each_line_with_the_level_that_it_says(stack):
    lines = [line for name in ALWAYS for line in stack.log_lines(name)]

    assert len(lines) > 10
    assert [line for line in lines if stated(line) != WORDS[json.loads(line)["level"]]] == []


def test_a_backup_and_its_restore_ask_for_no_password(stack):
    """The commands of the Backups tab, with nobody there to answer."""
    (database,) = stack.of("db")
    dump = f"set -o pipefail; pg_dump -Fc --no-acl --no-owner -h localhost -U {USER} --no-password '{DATABASE}' | gzip"
    restore = f"pg_restore -U '{USER}' -d {DATABASE} -O --clean --if-exists"

    backup = run("docker", "exec", "-i", database.id, "bash", "-c", dump)
    stack.python(EMPTY)
    emptied = stack.python(COUNT).strip()
    run("docker", "exec", "-i", database.id, "sh", "-c", restore, given=run("gunzip", given=backup))

    assert (emptied, stack.python(COUNT).strip()) == ("0", "1")


def run(*command: str, given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def sign_in(stack: Dokploy, scheme: str, origin: str = "") -> httpx.Response:
    """Sign in to the admin through Traefik, which says by which scheme the browser came.

    Cookies are carried by hand: a browser would not send a secure one to this test's plain address.
    """
    through = {"Host": stack.host, "X-Forwarded-Proto": scheme}
    with httpx.Client(base_url=stack.address, headers=through, timeout=30) as browser:
        token = cookies(browser.get("/admin/login/"))["csrftoken"].value
        form = {"username": "root", "password": "let-me-look", "csrfmiddlewaretoken": token}
        origin = origin or f"{scheme}://{stack.host}"
        sent = {"Origin": origin, "Referer": f"{origin}/admin/login/", "Cookie": f"csrftoken={token}"}
        return browser.post("/admin/login/", data=form, headers=sent)


def cookies(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie("\r\n".join(answer.headers.get_list("set-cookie")))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_after_an_import_people_sign_in_before_and_after_https_is_switched_on(stack, scheme):
    answer = sign_in(stack, scheme)

    assert answer.status_code == 302
    assert not cookies(answer)["sessionid"]["secure"]


def test_a_foreign_page_cannot_sign_in(stack):
    assert sign_in(stack, "https", origin="https://elsewhere.example.org").status_code == 403


def test_with_https_one_variable_makes_the_cookies_secure(stack):
    """The last test of the module: it deploys again."""
    stack.fill_in(SECURE_COOKIES="True")
    stack.up()

    answer = sign_in(stack, "https")

    assert answer.status_code == 302
    assert cookies(answer)["sessionid"]["secure"]
    assert "max-age" in answer.headers["strict-transport-security"]
