"""supervisord understands what is rendered for it."""

from pathlib import Path
from typing import Any

import pytest
from supervisor.options import ServerOptions

from bundle.render import host
from tests.checkout import STACK


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerOptions:
    """Let supervisord read the file in a checkout whose path has a blank."""
    folder = tmp_path / "my checkout" / "deploy" / "host"
    folder.mkdir(parents=True)
    (folder / "supervisord.conf").write_text(host.render(STACK)["supervisord.conf"], encoding="utf-8")
    (tmp_path / "logs").mkdir()
    for name in ("STACK_RUN_DIR", "STACK_SOCKET_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("SUPERVISOR_PASSWORD", "of-this-test")
    options = ServerOptions()
    options.realize(["-c", str(folder / "supervisord.conf")])
    return options


def _programs(options: ServerOptions) -> dict[str, Any]:
    return {program.name: program for group in options.process_group_configs for program in group.process_configs}


def test_programs_are_grouped_and_the_data_servers_stop_last(options: ServerOptions) -> None:
    groups = {group.name: sorted(one.name for one in group.process_configs) for group in options.process_group_configs}

    assert groups == {"data": ["postgres", "redis"], "app": ["beat", "web", "worker"]}
    assert [group.name for group in sorted(options.process_group_configs, key=lambda group: group.priority)] == [
        "data",
        "app",
    ]


def test_no_program_starts_by_itself_and_each_is_restarted(options: ServerOptions) -> None:
    programs = _programs(options).values()

    assert {program.autostart for program in programs} == {False}
    assert {program.autorestart.__name__ for program in programs} == {"RestartUnconditionally"}


def test_only_the_main_process_is_asked_to_stop(options: ServerOptions) -> None:
    programs = _programs(options).values()

    assert {(program.stopasgroup, program.killasgroup) for program in programs} == {(False, True)}
    assert _programs(options)["worker"].stopwaitsecs == STACK.times.supervisor_seconds


def test_scripts_are_found_in_a_checkout_with_a_blank_in_its_path(options: ServerOptions, tmp_path: Path) -> None:
    script = f'"{tmp_path}/my checkout/deploy/host/../../entrypoints/web.sh"'

    assert _programs(options)["web"].command == script


def test_the_control_socket_asks_for_a_password(options: ServerOptions, tmp_path: Path) -> None:
    (server,) = options.server_configs

    assert (server["file"], server["chmod"]) == (str(tmp_path / "supervisor.sock"), 0o700)
    assert (server["username"], server["password"]) == ("deskbeat", "of-this-test")


def test_logs_rotate(options: ServerOptions, tmp_path: Path) -> None:
    worker = _programs(options)["worker"]

    assert worker.stdout_logfile == str(tmp_path / "logs" / "worker.log")
    assert (worker.stdout_logfile_maxbytes, worker.stdout_logfile_backups) == (10 * 1024**2, 2)


def test_the_servers_get_the_settings_of_the_stack(options: ServerOptions) -> None:
    assert _programs(options)["redis"].command.endswith("--appendfsync everysec --save ''")
    assert "-c shared_buffers=128MB" in _programs(options)["postgres"].command
