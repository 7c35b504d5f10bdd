"""Which chores answer the clock, by which names, in which queue, and what they are told of themselves."""

import re

import pytest
from celery import current_app
from celery.schedules import crontab

from apps.pricing.enums import ALIAS
from apps.pricing.jobs import JOBS
from apps.pricing.tasks import cleanup_expired_discounts, recompute_all_discounts, update_price_history
from core.runs.models import Run
from tests.checkout import ROOT
from tests.waiting import poll

TASKS = (recompute_all_discounts, cleanup_expired_discounts, update_price_history)
EXAMPLES = re.findall(
    r"^\| (.+?) \| `(\S+ \S+ \S+ \S+ \S+)` \(`(.+)`\) \|$",
    (ROOT / "docs/how-to/pricing.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_chores_and_when_they_run():
    assert [(job.key, job.task, job.crontab, job.queue) for job in JOBS] == [
        ("recompute-all-discounts", "recompute_all_discounts", "0 * * * *", "discounts"),
        ("cleanup-expired-discounts", "cleanup_expired_discounts", "0 2 * * *", "maintenance"),
        ("update-price-history", "update_price_history", "0 */6 * * *", "analytics"),
    ]


@pytest.mark.parametrize(("wanted", "fields", "python"), EXAMPLES, ids=[wanted for wanted, *_ in EXAMPLES])
def test_documented_crontab_is_what_celery_makes_of_it(wanted, fields, python):
    made = crontab(**eval(f"dict({python})"))  # noqa: S307  # our own page

    parts = "minute", "hour", "day_of_month", "month_of_year", "day_of_week"
    assert fields.split() == [str(getattr(made, f"_orig_{part}")) for part in parts]


def test_five_times_are_documented():
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize("task", TASKS)
def test_task_has_its_limits_and_survives_a_lost_worker_and_a_lost_database(task):
    assert (task.time_limit, task.soft_time_limit) == (1800, 1500)
    assert (task.acks_late, task.reject_on_worker_lost, task.ledger, task.policy) == (True, True, True, "net")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.key)
@pytest.mark.parametrize("called", ["{}".format, ALIAS], ids=["short", "alias"])
def test_a_call_by_either_name_does_the_same_once_under_one_name(app, work, job, called):
    current_app.loader.import_default_modules()
    name = called(job.task)

    result = app.tasks[name].delay()
    app.send_task(name)
    with work():
        result.get(timeout=60)
        poll(lambda: Run.objects.filter(finished_at__isnull=False).count() == 2, what="both have ended", every=0.05)

    ran = Run.objects.values_list("name", "state", "attempt", "queue")
    assert list(ran) == [(job.task, "SUCCEEDED", 1, job.queue)] * 2
