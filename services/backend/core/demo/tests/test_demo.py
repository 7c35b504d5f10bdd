"""The demonstration shows what is installed: each app's chore, the run through the queue, and the undo."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from core.clock import database_now
from core.demo.declaration import Demo, demos
from core.organisations.models import Member, Organisation
from core.runs.enums import State
from core.runs.models import Run
from core.schedules.jobs import declared_jobs
from core.schedules.services import schedules_sync


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def test_every_app_has_a_demonstration(settings):
    assert len(demos()) == len(settings.MODULES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("demo", demos(), ids=lambda demo: demo.schedule)
def test_it_shows_what_is_due_does_it_and_takes_it_back(work, demo: Demo):
    schedules_sync(specs=declared_jobs(), now=database_now())
    run("seed_demo")

    with work():
        lines = run("show_demo")

    chore = Run.objects.get(schedule__key=demo.schedule)
    assert (chore.state, chore.changed > 0, chore.undone_by.state) == (State.SUCCEEDED, True, State.SUCCEEDED)
    assert chore.undone_by.changed == chore.changed
    assert demo.title.upper() in lines
    assert f"  {chore.changed} in all." in lines
    assert [line.split(";")[0] for line in lines].count(f"  {chore.changed} changed") >= 2


@pytest.mark.django_db
def test_seeding_twice_adds_nothing_and_reset_puts_back():
    run("seed_demo")

    again, reset = run("seed_demo"), run("seed_demo", "--reset")

    assert [line for line in again if "Added" in line] == []
    assert len(reset) == len(demos()) + 1
    assert again[-1].startswith("Sign in as demo with the password of the first time; ")


@pytest.mark.django_db
def test_seed_demo_prints_a_password_that_works():
    line = run("seed_demo")[-1]

    assert line.startswith("Sign in as demo with the password ")
    user = authenticate(username="demo", password=line.split()[-4])
    assert user is not None
    assert Member.objects.filter(user=user, role="owner").count() == Organisation.objects.count() == 2


@pytest.mark.django_db
def test_seed_demo_takes_the_password_from_a_file_and_does_not_print_it(tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("correct horse\n")

    lines = run("seed_demo", f"--password-file={file}")

    assert lines[-1] == "Sign in as demo with the password of your file."
    assert authenticate(username="demo", password="correct horse") is not None


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "reason"), [(None, "cannot be read: No such file"), ("\n", "is empty: write")])
def test_seed_demo_refuses_a_password_file_without_a_password(tmp_path: Path, content: str | None, reason: str):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)

    with pytest.raises(CommandError, match=f"{file} {reason}"):
        run("seed_demo", f"--password-file={file}")

    assert not Organisation.objects.exists()
