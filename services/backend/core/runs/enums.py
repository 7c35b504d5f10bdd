"""The states of a run, and which may follow which: the one table that every writer reads."""

from django.db.models import TextChoices


class State(TextChoices):
    QUEUED = "QUEUED"  # on record; its message is sent, or will be
    RUNNING = "RUNNING"
    RETRYING = "RETRYING"  # failed, and waits for its next attempt
    HELD = "HELD"  # would change unusually much: waits for a person to approve or reject it
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"  # done, but for the items that failed
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"  # its worker fell silent, and it may not be given to another
    EXPIRED = "EXPIRED"  # not started in time
    SKIPPED = "SKIPPED"  # another of its kind was at work, or is held
    MISSED = "MISSED"  # a slot at which no beat ran


class Trigger(TextChoices):
    """Why there is a run."""

    SCHEDULE = "schedule"
    CATCH_UP = "catch-up"
    API = "api"
    ADMIN = "admin"
    COMMAND = "command"
    CODE = "code"  # `.delay()` somewhere in the product
    CHAIN = "chain"  # a run asked for it
    RETRY = "retry"
    UNDO = "undo"


FOLLOWS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.EXPIRED, State.SKIPPED}),
    State.RETRYING: frozenset({State.RUNNING, State.CANCELLED, State.EXPIRED, State.FAILED}),
    State.RUNNING: frozenset(
        {
            State.SUCCEEDED,
            State.PARTIAL,
            State.FAILED,
            State.CANCELLED,
            State.RETRYING,
            State.HELD,
            State.SKIPPED,  # it found that another of its kind waits for a decision
            State.LOST,
            State.QUEUED,  # its worker fell silent: given to another
        }
    ),
    State.HELD: frozenset({State.QUEUED, State.CANCELLED}),
    **{
        final: frozenset()
        for final in (
            State.SUCCEEDED,
            State.PARTIAL,
            State.FAILED,
            State.CANCELLED,
            State.LOST,
            State.EXPIRED,
            State.SKIPPED,
            State.MISSED,
        )
    },
}
FINAL = frozenset(state for state, following in FOLLOWS.items() if not following)
OPEN = frozenset(FOLLOWS) - FINAL
WAITING = frozenset({State.QUEUED, State.RETRYING})
# Ended otherwise than asked: what an operator looks for.
UNSUCCESSFUL = frozenset({State.FAILED, State.LOST, State.EXPIRED, State.MISSED, State.PARTIAL})
# What can be asked for again.
RETRYABLE = FINAL - {State.SUCCEEDED}


def sources(target: State) -> list[State]:
    """Return the states from which a run may come to the target."""
    return [state for state, following in FOLLOWS.items() if target in following]


class Outcome(TextChoices):
    """What became of one item of a run."""

    CHANGED = "changed"
    FAILED = "failed"
