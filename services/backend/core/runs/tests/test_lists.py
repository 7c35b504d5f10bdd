"""The lists of runs are read from an index in their order: what a page costs does not grow with the table."""

import pytest
from django.db import connection

from core.organisations.tests.factories import OrganisationFactory
from core.runs.selectors import run_list
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("whose", "index"), [(None, "run_installation"), ("an organisation", "run_organisation")])
def test_a_page_is_read_from_its_index(whose, index):
    organisation = OrganisationFactory() if whose else None
    run_make(organisation=organisation)
    page = run_list(organisation=organisation, installation=not whose).order_by("-queued_at", "-id")[:51]
    with connection.cursor() as cursor:
        # So few rows are read faster without one; how few there seem to be depends on who analysed the table before.
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")

        plan = page.explain()

    assert f"using {index} on runs_run" in plan
    assert "Presorted Key: runs_run.queued_at" in plan
