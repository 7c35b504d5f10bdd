"""When a crontab is due next, in its own zone."""

from datetime import UTC, datetime

import pytest

from core.schedules.jobs import next_crontab_run


@pytest.mark.parametrize(
    ("fields", "zone", "moment", "expected"),
    [
        ("0 * * * *", "UTC", datetime(2026, 11, 21, 12, 30, tzinfo=UTC), datetime(2026, 11, 21, 13, tzinfo=UTC)),
        ("0 * * * *", "UTC", datetime(2026, 11, 21, 12, 0, tzinfo=UTC), datetime(2026, 11, 21, 13, tzinfo=UTC)),
        ("0 2 * * *", "UTC", datetime(2026, 11, 21, 12, 0, tzinfo=UTC), datetime(2026, 11, 22, 2, tzinfo=UTC)),
        ("0 0 * * 1", "UTC", datetime(2026, 11, 21, 12, 0, tzinfo=UTC), datetime(2026, 11, 23, 0, tzinfo=UTC)),
        # London: 09:00 is 08:00 UTC in summer and 09:00 UTC in winter; the clocks change on 29 March and 25 October.
        ("0 9 * * *", "Europe/London", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ("0 9 * * *", "Europe/London", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 9, tzinfo=UTC)),
    ],
)
def test_the_next_run_is_the_first_due_time_after_the_moment(fields, zone, moment, expected):
    assert next_crontab_run(fields, zone, moment) == expected
