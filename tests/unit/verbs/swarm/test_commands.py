from pathlib import Path

from bundle.swarm import commands

SWARM = commands.Swarm("shop")
MINE = ["--filter", "label=com.docker.stack.namespace=shop"]


def test_deploy_takes_images_as_they_are_pinned() -> None:
    line = SWARM.deploy([Path("/x/stack.json"), Path("/x/images.json")], registry=False)

    files = ["--compose-file", "/x/stack.json", "--compose-file", "/x/images.json"]
    assert line == ["docker", "stack", "deploy", "--resolve-image", "never", *files, "shop"]


def test_deploy_from_a_registry_lends_the_nodes_its_password() -> None:
    assert "--with-registry-auth" in SWARM.deploy([], registry=True)


def test_services_are_removed_by_their_full_names() -> None:
    assert SWARM.remove_services(["backend", "celery"]) == ["docker", "service", "rm", "shop_backend", "shop_celery"]


def test_only_what_bears_the_label_of_the_stack_is_listed() -> None:
    assert SWARM.services() == ["docker", "service", "ls", "--quiet", *MINE]
    assert SWARM.containers() == ["docker", "ps", "--all", "--quiet", *MINE]
    assert SWARM.volumes() == ["docker", "volume", "ls", "--quiet", *MINE]
    assert SWARM.networks() == ["docker", "network", "ls", "--quiet", *MINE]


def test_logs_are_bare_lines_and_follow_from_the_last_hundred() -> None:
    assert SWARM.logs("db", follow=False) == ["docker", "service", "logs", "--raw", "shop_db"]
    assert SWARM.logs("db", follow=True) == [
        *["docker", "service", "logs", "--raw", "--follow", "--tail", "100"],
        "shop_db",
    ]
