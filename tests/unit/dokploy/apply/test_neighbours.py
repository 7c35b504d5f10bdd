"""`make dokploy-apply` finds its own project, environment and service, and touches nobody else's."""

import pytest

from tests.unit.dokploy.apply.conftest import HOST, IMAGES, SECRETS, Apply, kept, procedures, tab
from tests.unit.dokploy.apply.fake_dokploy import FakeDokploy


def test_another_environment_than_production_is_made(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST, DOKPLOY_ENVIRONMENT="staging")

    assert [one["name"] for one in dokploy.environments] == ["production", "staging"]
    assert dokploy.services[0]["environmentId"] == dokploy.environments[1]["environmentId"]


def test_what_others_have_in_a_project_of_our_name_is_left_alone(apply: Apply, dokploy: FakeDokploy) -> None:
    made = dokploy.project_create("ticketing")
    others = [dokploy.compose_create(name, made["environment"]["environmentId"]) for name in ("wiki", "chat")]
    before = [dict(one) for one in others]

    result = apply(**IMAGES, **HOST)

    assert (result.code, others) == (0, before)
    assert [one["name"] for one in dokploy.services] == ["wiki", "chat", "ticketing"]
    assert len(dokploy.projects) == 1


def test_two_services_of_our_name_are_refused_and_none_is_touched(apply: Apply, dokploy: FakeDokploy) -> None:
    made = dokploy.project_create("ticketing")
    for _ in range(2):
        dokploy.compose_create("ticketing", made["environment"]["environmentId"])

    result = apply(**IMAGES)

    assert (result.code, result.err, dokploy.writes) == (
        1,
        "There are 2 Compose services named 'ticketing' in Dokploy, and one is ours: rename those that are not ours.\n",
        [],
    )


@pytest.mark.parametrize(
    "columns",
    [
        {"sourceType": "raw", "composeFile": "services:\n  wiki:\n    image: wiki:1\n"},
        {"sourceType": "git", "customGitUrl": "https://git.example.org/wiki.git"},
        {"sourceType": "github", "repository": "wiki"},
    ],
    ids=lambda columns: columns["sourceType"],
)
def test_a_stranger_under_our_name_is_refused(apply: Apply, dokploy: FakeDokploy, columns: dict[str, str]) -> None:
    made = dokploy.project_create("ticketing")
    dokploy.compose_create("ticketing", made["environment"]["environmentId"], **columns)

    result = apply(**IMAGES)

    assert (result.code, dokploy.writes) == (1, [])
    assert result.err == (
        "The Compose service 'ticketing' in Dokploy is not Deskbeat: rename it, or choose another project with"
        " DOKPLOY_PROJECT.\n"
    )


def test_an_empty_service_that_somebody_made_by_hand_is_filled(apply: Apply, dokploy: FakeDokploy) -> None:
    made = dokploy.project_create("ticketing")
    dokploy.compose_create("ticketing", made["environment"]["environmentId"])

    assert apply(**IMAGES, **HOST).code == 0
    assert procedures(dokploy)[0] == "compose.import"


def test_domains_and_files_that_somebody_made_by_hand_are_never_imported_away(
    apply: Apply, dokploy: FakeDokploy
) -> None:
    made = dokploy.project_create("ticketing")
    service = dokploy.compose_create("ticketing", made["environment"]["environmentId"])
    by_hand = {"composeId": service["composeId"], "serviceName": "ticketing-backend", "host": "ours.example.org"}
    dokploy.domain_create(**by_hand, https=True, certificateType="letsencrypt")
    dokploy.mounts.append({"mountId": "by-hand"})

    result = apply(**IMAGES)

    assert (result.code, "compose.import" in procedures(dokploy), dokploy.mounts) == (
        0,
        False,
        [{"mountId": "by-hand"}],
    )
    assert dokploy.running["hosts"] == [("ours.example.org", True)]
    assert tab(dokploy)["ALLOWED_HOSTS"] == "ours.example.org,localhost,127.0.0.1"
    assert [len(value) for value in kept(dokploy).values()] == [64] * len(SECRETS)


def test_two_stacks_live_side_by_side(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    apply(**IMAGES, DOMAIN="trial.example.org", STACK_NAME="trial")

    assert [one["name"] for one in dokploy.projects] == ["ticketing", "trial"]
    assert [one["serviceName"] for one in dokploy.domains] == ["ticketing-backend", "trial-backend"]


def test_a_service_of_the_kind_stack_is_refused(apply: Apply, dokploy: FakeDokploy) -> None:
    made = dokploy.project_create("ticketing")
    dokploy.compose_create("ticketing", made["environment"]["environmentId"], composeType="stack")

    result = apply(**IMAGES)

    assert (result.code, dokploy.writes) == (1, [])
    assert "is of the kind 'stack', which ignores what must come first" in result.err


def test_a_project_without_production_wants_another_environment(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.project_create("ticketing")
    dokploy.environments.clear()

    refused, made = apply(**IMAGES), apply(**IMAGES, DOKPLOY_ENVIRONMENT="staging")

    assert (refused.code, made.code) == (1, 0)
    assert refused.err.startswith("The project 'ticketing' in Dokploy has no environment 'production', and none")


def test_the_words_of_a_description_stay(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**IMAGES, **HOST)
    dokploy.services[0]["description"] = f"Ask Ann. {dokploy.services[0]['description']} Not Bob."

    apply(TAG="1.5.0")

    assert dokploy.services[0]["description"].startswith("Ask Ann. Deskbeat Not Bob. (deployed ")
