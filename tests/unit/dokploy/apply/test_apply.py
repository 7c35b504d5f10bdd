"""`make dokploy-apply` brings a server to what is wanted, keeps what must stay, and does nothing twice."""

from typing import Any

from bundle.render import dokploy as rendered
from tests.checkout import STACK
from tests.unit.dokploy.apply.conftest import ASKED, HOST, IMAGES, SECRETS, Apply, kept, procedures, tab
from tests.unit.dokploy.apply.fake_dokploy import FakeDokploy

TEXT = rendered.render(STACK)[rendered.COMPOSE]


def test_the_first_apply_makes_everything_and_deploys_it(apply: Apply, dokploy: FakeDokploy) -> None:
    result = apply(**IMAGES, **HOST)

    assert (result.code, procedures(dokploy)) == (
        0,
        [
            "project.create",
            "compose.create",
            "compose.import",
            "compose.saveEnvironment",
            "domain.update",
            "compose.deploy",
            "compose.update",
        ],
    )
    assert dokploy.running["hosts"] == [("desk.example.org", False)]
    assert {name: dokploy.running["tab"][name] for name in (*IMAGES, "ALLOWED_HOSTS", "SECURE_COOKIES")} == {
        **IMAGES,
        "ALLOWED_HOSTS": "desk.example.org,localhost,127.0.0.1",
        "SECURE_COOKIES": "False",
    }
    assert [len(value) for value in kept(dokploy).values()] == [64] * len(SECRETS)
    assert dokploy.services[0]["composeFile"] == TEXT


def test_a_service_is_never_one_that_waits_for_github(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.dies_at, dokploy.dies = 3, "before"

    apply(**IMAGES)

    assert [(one["sourceType"], one["composeType"]) for one in dokploy.services] == [("raw", "docker-compose")]


def test_the_answer_says_what_it_is_called_and_where_it_is(apply: Apply, dokploy: FakeDokploy, server: Any) -> None:
    result = apply(**ASKED)

    app_name = dokploy.services[0]["appName"]
    page = f"{server.url}/dashboard/project/project-1/environment/environment-2/services/compose/compose-3"
    assert result.out.splitlines() == [
        f"ticketing/ticketing ({app_name}) is deployed",
        "  address   https://desk.example.org/admin/",
        f"  Dokploy   {page}",
    ]


def test_a_second_apply_changes_nothing(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**ASKED)
    dokploy.writes.clear()

    results = [apply(**ASKED), apply()]

    assert [(one.code, "nothing was changed" in one.out) for one in results] == [(0, True), (0, True)]
    assert dokploy.writes == []


def test_a_changed_text_is_updated_and_deployed_and_the_tab_stays(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    before = kept(dokploy)
    dokploy.services[0]["composeFile"] = TEXT.replace("max_connections=60", "max_connections=50")
    dokploy.services[0]["env"] += "\nLOG_LEVEL=DEBUG\n# mine"
    by_hand = dokploy.services[0]["env"]
    dokploy.writes.clear()

    apply()

    assert procedures(dokploy) == ["compose.update", "compose.deploy", "compose.update"]
    assert (dokploy.services[0]["composeFile"], dokploy.services[0]["env"]) == (TEXT, by_hand)
    assert {name: dokploy.running["tab"][name] for name in SECRETS} == before
    assert dokploy.running["tab"]["LOG_LEVEL"] == "DEBUG"


def test_a_new_tag_is_deployed(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.writes.clear()

    apply(TAG="1.5.0")

    assert procedures(dokploy) == ["compose.saveEnvironment", "compose.deploy", "compose.update"]
    assert dokploy.running["tab"] == {**tab(dokploy), "TAG": "1.5.0", "REGISTRY": IMAGES["REGISTRY"]}


def test_of_two_lines_with_one_name_the_one_that_counts_is_changed(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.services[0]["env"] += "\nTAG=1.4.1"

    apply(TAG="1.5.0")

    assert dokploy.running["tab"]["TAG"] == "1.5.0"


def test_a_value_in_quotes_is_the_same_value(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    quoted = dokploy.services[0]["env"].replace("TAG=1.4.0", "TAG='1.4.0'")
    dokploy.services[0]["env"] = quoted

    apply(**IMAGES, **HOST)

    assert dokploy.services[0]["env"] == quoted


def test_deploy_is_done_when_it_is_asked_for(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.writes.clear()

    apply(DEPLOY="1")

    assert procedures(dokploy) == ["compose.deploy", "compose.update"]


def test_a_variable_that_the_template_gained_is_added(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    service, before = dokploy.services[0], kept(dokploy)
    service["env"] = "\n".join(line for line in service["env"].splitlines() if not line.startswith("ALLOWED_HOSTS"))

    apply()

    assert tab(dokploy)["ALLOWED_HOSTS"] == "desk.example.org,localhost,127.0.0.1"
    assert kept(dokploy) == before


def test_a_secret_that_an_older_text_did_not_use_is_made(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    service, before = dokploy.services[0], kept(dokploy)
    service["env"] = service["env"].replace(before["REDIS_PASSWORD"], "")
    service["composeFile"] = TEXT.replace("${REDIS_PASSWORD", "${OTHER")

    apply()

    made = kept(dokploy).pop("REDIS_PASSWORD")
    assert len(made) == 64
    assert made != before["REDIS_PASSWORD"]
    assert kept(dokploy) == {**before, "REDIS_PASSWORD": made}


def test_a_secret_that_the_data_needs_is_never_made_anew(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.services[0]["env"] = dokploy.services[0]["env"].replace("DB_PASSWORD=", "LOST=")
    dokploy.writes.clear()

    result = apply(TAG="1.5.0")

    assert (result.code, dokploy.writes) == (1, [])
    assert "has run, and its Environment tab lacks DB_PASSWORD: put back" in result.err


def test_nothing_is_imported_into_a_service_that_has_run(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.services[0].update(env="", composeFile="")
    dokploy.writes.clear()

    result = apply(**IMAGES)

    assert (result.code, dokploy.writes) == (1, [])
    assert "an import would make other secrets than those of its data" in result.err


def test_images_can_be_built_from_a_repository(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.repository = rendered.render(STACK)[rendered.GIT_COMPOSE]
    asked = {"DOKPLOY_SOURCE": "git", "GIT_URL": "https://git.example.org/desk.git", "GIT_BRANCH": "release"}

    first = apply(**asked, **HOST)
    dokploy.writes.clear()
    second = apply()

    service = dokploy.services[0]
    assert (first.code, second.code, dokploy.writes) == (0, 0, [])
    assert (service["sourceType"], service["customGitUrl"], service["customGitBranch"], service["composePath"]) == (
        "git",
        "https://git.example.org/desk.git",
        "release",
        "./deploy/dokploy/docker-compose.git.yml",
    )
    assert dokploy.running["hosts"] == [("desk.example.org", False)]


def test_a_source_can_be_changed_and_the_secrets_stay(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.repository = rendered.render(STACK)[rendered.GIT_COMPOSE]
    apply(DOKPLOY_SOURCE="git", GIT_URL="https://git.example.org/desk.git", **HOST)
    before = kept(dokploy)

    result = apply(DOKPLOY_SOURCE="registry", **IMAGES)

    assert (result.code, dokploy.services[0]["sourceType"], kept(dokploy)) == (0, "raw", before)
    assert dokploy.running["text"].count("registry") == 0  # it is in the tab
    assert dokploy.running["tab"]["REGISTRY"] == "registry.example.org/team"


def test_a_tab_that_was_changed_by_hand_is_deployed(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.services[0]["env"] += "\nLOG_LEVEL=DEBUG"
    dokploy.writes.clear()

    apply()

    assert procedures(dokploy) == ["compose.deploy", "compose.update"]
    assert dokploy.running["tab"]["LOG_LEVEL"] == "DEBUG"


def test_an_env_file_that_was_switched_off_is_switched_on_again(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.services[0]["createEnvFile"] = False

    apply()

    assert dokploy.services[0]["createEnvFile"] is True
