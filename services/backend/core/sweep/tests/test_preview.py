"""The preview is what the run then does, and writes nothing."""

from datetime import timedelta

import pytest

from core.clock import database_now
from core.organisations.tests.factories import OrganisationFactory
from core.runs.models import RunItem
from core.sweep.preview import Preview, sweep_preview
from core.sweep.registry import sweep_for
from core.sweep.services import sweep_run
from core.sweep.tests.parcels import SENDING, parcel_make, sent

pytestmark = pytest.mark.django_db


def test_preview_counts_and_shows_what_the_run_then_changes():
    late, later = parcel_make(hours=2), parcel_make(hours=1)
    parcel_make(kept=True), parcel_make(hours=-1)
    now = database_now()

    preview = sweep_preview(sweep=SENDING, now=now)
    assert (sent(), RunItem.objects.count()) == ([], 0)
    sweep_run(sweep=SENDING, now=now)

    assert [row.subject for row in preview.rows] == [f"tests.parcel:{parcel}" for parcel in (*late, *later)]
    assert (preview.count, sent()) == (2, [*late, *later])


def test_preview_says_what_and_why():
    (parcel,) = parcel_make(hours=1)

    (row,) = sweep_preview(sweep=SENDING, now=database_now()).rows

    assert (row.what, row.why) == (f"Send parcel {parcel}", f"due since {database_now() - timedelta(hours=1):%Y-%m-%d}")


def test_preview_of_a_time_ahead_holds_what_will_be_due():
    parcel_make(hours=-5)
    now = database_now()

    assert sweep_preview(sweep=SENDING, now=now).count == 0
    assert sweep_preview(sweep=SENDING, now=now + timedelta(hours=6)).count == 1


def test_preview_of_an_organisation_hides_the_others():
    mine, other = OrganisationFactory(), OrganisationFactory()
    (parcel,) = parcel_make(organisation_id=mine.pk)
    parcel_make(organisation_id=other.pk)

    preview = sweep_preview(sweep=SENDING, now=database_now(), organisation=mine)

    assert (preview.count, [row.subject for row in preview.rows]) == (1, [f"tests.parcel:{parcel}"])


def test_preview_counts_all_and_shows_the_first():
    parcel_make(30)

    preview = sweep_preview(sweep=SENDING, now=database_now(), limit=3)

    assert (preview.count, len(preview.rows)) == (30, 3)


def test_preview_of_nothing_is_empty():
    assert sweep_preview(sweep=SENDING, now=database_now()) == Preview(0, [])


def test_sweep_is_found_by_the_name_of_its_task():
    assert sweep_for("tests.send_parcels") is SENDING
    assert sweep_for("tests.weigh_parcels") is None
    assert sweep_for("no.such_task") is None
