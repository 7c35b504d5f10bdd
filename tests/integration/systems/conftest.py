"""The story, told once for each target."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from apps.events.enums import ARCHIVE_TASK
from core.effects.tests.receivers import Mailbox
from tests.integration.clock import Dial
from tests.integration.outside import sends_to
from tests.integration.stacks import started
from tests.integration.systems.story import CHORES, DAY, HOUR, SCENE, Story, archive_slot, next_sixth_hour, zone_of
from tests.integration.targets.compose import Compose
from tests.integration.targets.host import Host
from tests.waiting import poll


@pytest.fixture(scope="module", params=[Host, Compose], ids=["host", "compose"])
def story(request: pytest.FixtureRequest) -> Iterator[Story]:
    if request.param is Compose:
        request.getfixturevalue("docker")
    with ExitStack() as block:
        dial = block.enter_context(Dial.made())
        stack = request.param(shift=dial)
        mailbox = block.enter_context(Mailbox.open(host=stack.outside))
        stack.settings |= sends_to(stack.outside, mailbox)
        block.enter_context(started(stack))
        # Nothing may strike before everything is made.
        strike = next_sixth_hour(dial.now() + timedelta(minutes=10))
        stack.python(f"{SCENE}\nbegin({zone_of(strike)!r})")
        client = block.enter_context(stack.client(organisation="acme"))
        told = Story(stack, dial, mailbox, strike, client)
        tell(told)
        yield told


def tell(story: Story) -> None:
    first, second, third = (story.strike + number * DAY for number in range(3))
    story.event("Harvest", begins=first, ends=second)
    story.event("Concert", begins=first + HOUR, ends=third - HOUR)
    fair = story.event("Fair", begins=first + 9 * DAY, ends=first + 10 * DAY)
    story.remind(fair, "ada@example.org", "grace@example.org", ahead=DAY, withdrawn="bob@example.org")
    story.move(fair, first + DAY)
    story.shelf(first)
    story.look("before")

    runs = story.strikes(first, *CHORES)
    poll(lambda: len(story.mails()) >= 2, what="the reminders")
    story.look("first", runs)

    # Its reminder has gone; by the second move it would be due again at the next strike.
    story.move(fair, third - HOUR)
    story.look("second", story.strikes(second, *CHORES))

    with story.stack.outage():
        story.dial.turn(third + HOUR / 2)
        story.look_from_outside("stopped")
    poll(
        lambda: story.play("stored()")["prices"] == [None], what="what was missed is made up for", every=2, seconds=120
    )
    story.look("after")

    archive = archive_slot(second + 90 * DAY)
    story.look("archived", story.strikes(archive, ARCHIVE_TASK))
