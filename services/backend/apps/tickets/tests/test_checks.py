import pytest
from django.core.checks import run_checks
from pytest_django import Settings


@pytest.mark.parametrize("hours", [-1, 876_001, "24", None, True, 1.5])
def test_unsound_threshold_fails_the_system_check(settings: Settings, hours: object) -> None:
    settings.TICKET_ARCHIVE_AFTER_HOURS = hours

    found = [(error.id, error.msg) for error in run_checks() if error.id == "tickets.E001"]

    assert found == [("tickets.E001", f"TICKET_ARCHIVE_AFTER_HOURS={hours!r} is not accepted.")]


@pytest.mark.parametrize("hours", [0, 24, 876_000])
def test_sound_threshold_passes_the_system_check(settings: Settings, hours: int) -> None:
    settings.TICKET_ARCHIVE_AFTER_HOURS = hours

    assert [error for error in run_checks() if error.id == "tickets.E001"] == []
