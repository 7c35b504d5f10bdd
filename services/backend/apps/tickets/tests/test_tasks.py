import pytest

from apps.tickets.jobs import JOBS
from apps.tickets.tasks import archive_old_done_tickets
from apps.tickets.tests.factories import DoneFactory, TicketFactory


def test_task_keeps_its_registered_name() -> None:
    assert archive_old_done_tickets.name == "tickets.tasks.archive_old_done_tickets"


def test_job_runs_at_the_full_hour_and_expires_before_the_next() -> None:
    (job,) = JOBS

    assert (job.key, job.crontab, job.expire_seconds < 3600) == ("archive-old-done-tickets", "0 * * * *", True)


@pytest.mark.django_db
def test_task_answers_with_its_counts() -> None:
    TicketFactory.create_batch(2, column=DoneFactory(), hours=25)

    assert archive_old_done_tickets.apply().get() == {"examined": 2, "archived": 2, "failed": 0}


def test_task_survives_a_lost_worker_and_a_lost_database() -> None:
    task = archive_old_done_tickets

    assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, False)
    assert (task.ledger, task.policy) == (True, "net")
