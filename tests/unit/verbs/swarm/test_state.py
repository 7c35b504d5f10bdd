"""When a service is what it should be, when it never will be, and what is said of it."""

from typing import Any

import pytest

from bundle.errors import BundleError
from bundle.swarm import failure, nodes, rollout, state

TEMPLATE = {"ContainerSpec": {"Image": "sha256:2"}, "RestartPolicy": {"Condition": "any"}}
OLD = {"ContainerSpec": {"Image": "sha256:1"}}


def task(state_: str = "running", *, wanted: str = "running", spec: Any = None, **status: Any) -> state.Task:
    facts = {
        "ID": f"{state_}-{wanted}",
        "ServiceID": "s",
        "CreatedAt": "",
        "Spec": spec or {"ContainerSpec": {"Image": "sha256:2", "DNSConfig": {}}},
        "DesiredState": wanted,
        "Status": {"State": state_, "Timestamp": "", **status},
    }
    return state.Task(facts)


def service(*tasks: state.Task, update: str = "", replicas: int = 1, condition: str = "any") -> state.Service:
    template = {**TEMPLATE, "RestartPolicy": {"Condition": condition}}
    spec = {"Name": "shop_web", "Mode": {"Replicated": {"Replicas": replicas}}, "TaskTemplate": template}
    return state.Service({"ID": "s", "Spec": spec, "UpdateStatus": {"State": update}}, "shop", list(tasks))


def test_a_service_is_there_when_its_task_runs_as_it_is_wanted_now() -> None:
    assert rollout.missing(service(task())) == ""


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (service(), "web 0/1"),
        (service(task("starting")), "web 0/1"),
        (service(task(spec=OLD)), "web 0/1"),
        (service(task(), replicas=2), "web 1/2"),
        (service(task(), task(wanted="shutdown", spec=OLD)), "web: the old one ends"),
        (service(task(), update="updating"), "web: 1/1, watched"),
        (service(task(spec=OLD), update="rollback_started"), "web: the new one failed, going back"),
    ],
)
def test_what_is_missing_is_said_in_a_few_words(found: state.Service, said: str) -> None:
    assert rollout.missing(found) == said


def test_what_runs_once_is_done_when_it_is_complete() -> None:
    assert rollout.missing(service(task("running"), condition="none")) == "web is at work"
    assert rollout.missing(service(task("complete", wanted="shutdown"), condition="none")) == ""


def test_a_service_is_broken_when_it_went_back_or_failed_again_and_again() -> None:
    failed = task("failed", wanted="shutdown")

    assert rollout.broken(service(task(spec=OLD), update="rollback_completed"), set())
    assert rollout.broken(service(failed, failed, failed), set())
    assert not rollout.broken(service(failed, failed), set())
    assert rollout.broken(service(failed, condition="none"), set())


def test_what_failed_before_this_start_is_not_its_failure() -> None:
    failed = task("failed", wanted="shutdown")

    assert not rollout.broken(service(failed, failed, failed), {failed.id})
    assert not rollout.broken(service(*[task("failed", wanted="shutdown", spec=OLD)] * 3), set())


def test_a_failure_is_told_with_its_reason() -> None:
    failed = task("failed", wanted="shutdown", Err="task: non-zero exit (3)")

    assert failure.summary(service(failed)) == "web is failed (task: non-zero exit (3))"
    assert failure.summary(service(failed, update="rollback_completed")) == (
        "the new web failed and was rolled back (task: non-zero exit (3))"
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"LocalNodeState": "inactive"}, "this engine is in no swarm: make one with `docker swarm init`"),
        (
            {"LocalNodeState": "active", "RemoteManagers": [{"Addr": "10.0.0.1:2377"}]},
            "this node is a worker of its swarm: run the command on a manager (10.0.0.1)",
        ),
        ({"LocalNodeState": "locked"}, "this node's swarm is locked: `docker swarm unlock` opens it"),
        ({"LocalNodeState": "active", "ControlAvailable": True}, ""),
    ],
)
def test_an_engine_that_cannot_deploy_says_why(facts: dict[str, Any], said: str) -> None:
    absence = nodes.Membership(facts).absence

    assert absence.startswith(said) if said else absence == ""


def test_images_of_one_node_are_no_release_for_many() -> None:
    nodes.refuse_unpullable(1, registry=False)
    nodes.refuse_unpullable(3, registry=True)

    with pytest.raises(BundleError, match="The swarm has 3 nodes"):
        nodes.refuse_unpullable(3, registry=False)
