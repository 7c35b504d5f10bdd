"""Which declarations are refused."""

import pytest

from core.schedules.errors import JobSpecError
from core.schedules.jobs import JobSpec


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "give it either a crontab or every_seconds"),
        ({"crontab": "0 * * * *", "every_seconds": 60}, "give it either a crontab or every_seconds"),
        ({"crontab": "0 * * *"}, "'0 * * *' is no crontab: it has 4 fields, not five"),
        ({"crontab": "61 * * * *"}, "'61 * * * *' is no crontab: Invalid end range: 61 > 59"),
        ({"crontab": "0 * * * *", "zone": "Europe/Lundon"}, "there is no zone 'Europe/Lundon'"),
        ({"crontab": "*/30 * * * *"}, "expire_seconds is 1800 and it comes round every 1800 s; choose"),
        ({"crontab": "*/27 * * * *", "expire_seconds": 400}, "expire_seconds is 400 and it comes round every 360 s"),
        ({"every_seconds": 300}, "expire_seconds is 1800 and it comes round every 300 s"),
        ({"crontab": "0 0 * * *", "expire_seconds": 0}, "expire_seconds is 0 and it comes round every 86400 s"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused_with_a_sentence(wrong, sentence):
    with pytest.raises(JobSpecError) as refused:
        JobSpec(**{"key": "water", "task": "plants.water", "expire_seconds": 1800} | wrong)

    assert str(refused.value).startswith(f"The job 'water' is refused: {sentence}")


@pytest.mark.parametrize(
    ("crontab", "seconds"),
    [
        ("0 * * * *", 3600),
        ("*/27 * * * *", 360),
        ("3 3,16 * * *", 11 * 3600),
        ("0 4 * * *", 86400),
        ("0 0 * * 1", 7 * 86400),
        ("0 0 * * 1,2", 86400),
        ("0 0 31 * *", 31 * 86400),
        ("*/15 22-23 * * *", 900),
        ("0 0 29 2 1", 0),
    ],
)
def test_the_interval_is_the_shortest_time_between_two_slots(crontab, seconds):
    assert JobSpec(key="water", task="plants.water", crontab=crontab, expire_seconds=60).interval_seconds == seconds
