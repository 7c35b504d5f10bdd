"""systemd is told through the datagram socket that it names."""

import socket
from pathlib import Path

import pytest

from runtime import notify

ABSTRACT = "@deskbeat-test-notify"


@pytest.mark.parametrize("abstract", [False, True])
def test_assignments_arrive_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool):
    named = ABSTRACT if abstract else str(tmp_path / "notify")
    monkeypatch.setattr(notify, "ADDRESS", named)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(named.replace("@", "\0"))

        notify.notify("READY=1", "STATUS=On time")

        assert systemd.recv(100) == b"READY=1\nSTATUS=On time"


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notify, "ADDRESS", "")

    notify.notify("READY=1")


def test_a_systemd_that_is_gone_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notify, "ADDRESS", str(tmp_path / "nobody"))

    notify.notify("READY=1")
