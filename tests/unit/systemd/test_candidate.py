from collections.abc import Callable

import pytest

from bundle.systemd import plan
from bundle.systemd.candidate import Candidate
from bundle.systemd.postgres import Cluster
from bundle.systemd.request import Request

CLUSTER = Cluster(17, "main", "5432", online=True)


@pytest.fixture
def units(typed: Callable[..., Request]) -> dict[str, str]:
    request = typed(STACK_NAME="desk", PREFIX="/srv", SERVICE_USER="nobody")
    made = plan.make(request, plan.servers(request, None), CLUSTER)
    return Candidate(made, "abc").units()


def test_a_candidate_has_its_release_its_settings_and_the_real_user(units: dict[str, str]):
    web = units["desk-candidate-web.service"]

    assert "\nExecStart=/srv/desk/releases/abc/entrypoints/web.sh\n" in web
    assert "\nEnvironmentFile=-/run/desk-candidate/env\n" in web
    assert "\nLoadCredential=secret_key:/run/desk-candidate/credentials/secret_key\n" in web
    assert "\nUser=nobody\n" in web


def test_a_candidate_shares_nothing_with_what_runs(units: dict[str, str]):
    for name, text in units.items():
        directives = [
            line for line in text.splitlines() if not line.startswith(("#", "ExecStart=/srv/desk/releases/abc"))
        ]
        ours = [line for line in directives if "desk" in line.replace("desk-candidate", "").replace("/srv/desk/", "")]
        # The order of the start is all that names a neighbour: the servers, which both use.
        assert [line for line in ours if not line.startswith(("After=", "Description="))] == [], name
        assert "\nPartOf=" not in text


def test_a_candidate_fails_at_once_and_takes_nobodys_work(units: dict[str, str]):
    worker = units["desk-candidate-worker@.service"]

    assert "\nRestart=no\n" in worker
    assert next(line for line in worker.splitlines() if line.startswith("ExecStart=")).endswith(
        " --queues=desk-candidate"
    )
    assert "NODE_NAME=%H-worker-%i" in worker


def test_a_candidate_listens_on_a_private_socket(units: dict[str, str]):
    assert "\nListenStream=/run/desk-candidate-web.sock\n" in units["desk-candidate-web.socket"]
