"""Beats that are killed at any moment, and whose servers go away: every slot has exactly one run."""

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import dropwhile, pairwise
from pathlib import Path

import pytest

from tests.integration.beats.beats import PERIOD, SKIPPING, SKIPPING_PERIOD, Beats, beating
from tests.waiting import poll

SLOTS = 200


@pytest.fixture
def beats(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beats]:
    # A socket's path has room for 107 characters only.
    directory = tmp_path_factory.mktemp("b")
    for parent in (directory, *list(directory.parents)[:2]):
        Path(parent).chmod(0o711)
    with beating(directory, request.param) as started:
        yield started


def kill_until(beats: Beats, slots: int, *, seed: int) -> int:
    """Kill and restart beats that are at work until so many slots are on record; return how many were killed."""
    chance, killed, deadline = random.Random(seed), 0, time.monotonic() + 300
    while beats.count() < slots:
        assert time.monotonic() < deadline, beats.logs()[-4000:]
        time.sleep(chance.uniform(0.5, 3.0))  # the moment of the kill is what varies
        beat, *others = chance.sample(range(beats.number), beats.number)
        if beats.at_work(beat) and any(beats.at_work(other) for other in others):
            beats.kill(beat)
            beats.start(beat)
            killed += 1
    return killed


def assert_none_was_missed(beats: Beats) -> None:
    """Since the first beat was there, one at least was at work all the time: each slot has a run, and none came late.

    The schedule makes up for nothing, and counts as missed what is not claimed before its next slot.
    """
    found = list(dropwhile(lambda slot: slot[1] == "MISSED", beats.slots(SKIPPING)))
    assert len(found) > SLOTS * PERIOD // SKIPPING_PERIOD // 2
    assert {newer - older for (older, *_), (newer, *_) in pairwise(found)} == {SKIPPING_PERIOD}
    late = [slot for slot, state, trigger in found if (state, trigger) != ("QUEUED", "schedule")]
    assert late == [], f"the latest came {beats.latest()} late"


def assert_each_slot_has_one_run(beats: Beats) -> None:
    """Each slot since the first: none twice, none left out, none missed."""
    found = beats.slots()
    slots = [slot for slot, *_ in found]
    assert {newer - older for older, newer in pairwise(slots)} == {PERIOD}
    assert {state for _, state, _ in found} == {"QUEUED"}, {state for _, state, _ in found}
    late = sum(trigger == "catch-up" for *_, trigger in found)
    print(f"{len(slots)} slots, {late} of them caught up; the latest in its turn {beats.latest()} late")


@pytest.mark.timeout(500)
@pytest.mark.parametrize("beats", [2, 3], indirect=True, ids=["two-beats", "three-beats"])
def test_every_slot_has_exactly_one_run_while_beats_are_killed(beats: Beats):
    poll(beats.count, what="the first slot", seconds=200)

    killed = kill_until(beats, SLOTS, seed=beats.number)

    assert killed > 1
    assert_each_slot_has_one_run(beats)
    assert_none_was_missed(beats)
    messages = beats.messages()
    assert len(messages) == len(set(messages))
    assert len(messages) <= beats.count() + len(beats.slots(SKIPPING))


@pytest.mark.timeout(500)
@pytest.mark.parametrize("beats", [2], indirect=True, ids=["two-beats"])
def test_every_slot_has_exactly_one_run_though_postgresql_and_redis_restart(beats: Beats):
    poll(beats.count, what="the first slot", seconds=200)
    beats.restart_postgres()
    poll(lambda: beats.count() > SLOTS // 4, what="slots after PostgreSQL's restart", seconds=120)
    beats.restart_redis()

    poll(lambda: beats.count() > SLOTS // 2, what="slots after Redis's restart", seconds=120)

    assert [beat for beat, process in beats.processes.items() if process.poll() is not None] == []
    assert_each_slot_has_one_run(beats)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("beats", [2], indirect=True, ids=["two-beats"])
def test_slots_at_which_no_beat_lived_are_caught_up(beats: Beats):
    poll(beats.count, what="the first slot", seconds=200)
    for beat in range(beats.number):
        beats.kill(beat)
    before = beats.count()
    time.sleep(3)  # a dozen slots come, and nobody is there
    for beat in range(beats.number):
        beats.start(beat)

    poll(lambda: beats.count() > before + timedelta(seconds=6) // PERIOD, what="slots after the gap")

    assert_each_slot_has_one_run(beats)
    assert sum(trigger == "catch-up" for *_, trigger in beats.slots()) >= timedelta(seconds=2) // PERIOD
