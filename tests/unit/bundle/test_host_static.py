"""A checkout's static files have one collector at a time, whoever asks: a start on the host or a test run."""

from pathlib import Path
from threading import Barrier, Thread

import pytest

from bundle.host import static


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "services/backend").mkdir(parents=True)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/host.txt").touch()
    return tmp_path


def test_two_who_ask_at_once_collect_once(checkout: Path) -> None:
    calls: list[Path] = []
    start = Barrier(2)

    def collect() -> None:
        # Fails when another collector has been here, as two of them would delete each other's files.
        (checkout / "static").mkdir()
        calls.append(checkout)

    def ask() -> None:
        start.wait()
        static.ensure(checkout, collect)

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_changed_source_is_collected_again(checkout: Path) -> None:
    calls: list[Path] = []

    def collect() -> None:
        (checkout / "static").mkdir(exist_ok=True)
        calls.append(checkout)

    static.ensure(checkout, collect)
    (checkout / "services/backend/page.css").write_text("body {}")
    static.ensure(checkout, collect)
    assert len(calls) == 2


def test_a_collection_that_failed_is_asked_for_again(checkout: Path) -> None:
    calls: list[Path] = []

    def collect() -> None:
        (checkout / "static").mkdir(exist_ok=True)
        calls.append(checkout)
        if len(calls) == 1:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        static.ensure(checkout, collect)
    static.ensure(checkout, collect)
    assert len(calls) == 2
