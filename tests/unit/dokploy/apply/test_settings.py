"""What is wrong on our side is refused in one sentence, before anything is changed."""

from pathlib import Path

import pytest

from bundle.render import dokploy as rendered
from tests.checkout import STACK
from tests.unit.dokploy.apply.conftest import ASKED, Apply
from tests.unit.dokploy.apply.fake_dokploy import KEY, FakeDokploy


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"DOKPLOY_URL": ""}, "DOKPLOY_URL is not set"),
        ({"DOKPLOY_URL": "dokploy.example.org"}, "DOKPLOY_URL is not the address of a dashboard"),
        ({"DOKPLOY_URL": "https://me:pw@x.example"}, "DOKPLOY_URL is not the address of a dashboard"),
        (
            {"DOKPLOY_URL": "http://dokploy.example.org"},
            "DOKPLOY_URL=http://dokploy.example.org would send the API key",
        ),
        ({"DOKPLOY_API_KEY": ""}, "DOKPLOY_API_KEY is not set"),
        ({"DOKPLOY_API_KEY": "two words"}, "DOKPLOY_API_KEY holds characters that no key has"),
        ({"DOKPLOY_API_KEY_FILE": "/nowhere"}, "DOKPLOY_API_KEY and DOKPLOY_API_KEY_FILE are both set"),
        ({"DOKPLOY_API_KEY": "", "DOKPLOY_API_KEY_FILE": "/nowhere"}, "DOKPLOY_API_KEY_FILE='/nowhere' cannot be read"),
        ({"MAKEFLAGS": f" -- DOKPLOY_API_KEY={KEY}"}, "DOKPLOY_API_KEY stood on the command line"),
        ({"DOMAIN": "https://desk.example.org"}, "DOMAIN='https://desk.example.org' is not a host name"),
        ({"DOMAIN": "my_desk.example.org"}, "DOMAIN='my_desk.example.org' is not a host name"),
        ({"HTTPS": "maybe"}, "HTTPS='maybe' is not a yes or no"),
        (
            {"REGISTRY": "https://registry.example.org"},
            "REGISTRY='https://registry.example.org' is not a place of images",
        ),
        ({"TAG": "latest"}, "TAG='latest' does not say which release"),
        ({"DOKPLOY_SOURCE": "github"}, "DOKPLOY_SOURCE='github' is not accepted: use registry or git."),
        ({"DOKPLOY_SOURCE": "git"}, "GIT_URL is not set"),
        ({"DOKPLOY_SOURCE": "git", "GIT_URL": "my repository"}, "GIT_URL is not an address of a repository"),
        (
            {"DOKPLOY_SOURCE": "git", "GIT_URL": "https://g.example/x", "STACK_NAME": "b"},
            "DOKPLOY_SOURCE=git builds what",
        ),
        ({"DOKPLOY_WAIT_SECONDS": "long"}, "DOKPLOY_WAIT_SECONDS='long' is not a time"),
        ({"TAG": ""}, "TAG has no value yet"),
        ({"DOMAIN": ""}, "HTTPS=1 needs a domain of your own"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_refused_before_anything_is_changed(
    apply: Apply, dokploy: FakeDokploy, environ: dict[str, str], sentence: str
) -> None:
    result = apply(**{**ASKED, **environ})

    assert (result.code, len(result.err.splitlines()), dokploy.writes) == (1, 1, [])
    assert result.err.startswith(sentence)


def test_the_key_can_stand_in_a_file(apply: Apply, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")

    assert apply(**ASKED, DOKPLOY_API_KEY="", DOKPLOY_API_KEY_FILE=str(tmp_path / "key")).code == 0


def test_the_rules_of_dokploy_check_are_asked_before_the_first_request(
    apply: Apply, dokploy: FakeDokploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = rendered.render(STACK)
    monkeypatch.setattr(rendered, "render", lambda _stack: {**files, rendered.COMPOSE: "services: {}\n"})

    result = apply(**ASKED)

    assert (result.code, dokploy.reads, dokploy.writes) == (1, [], [])
    assert result.err.startswith("deploy/dokploy/import.base64.txt: holds another docker-compose.yml than the one")
