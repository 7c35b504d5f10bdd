"""Why an effect cannot be changed, and when a channel wants to be asked again."""

from core.runs.errors import RecoverableError


class EffectRefusedError(Exception):
    """The effect's state forbids it. The message is for people."""


class TryLaterError(RecoverableError):
    """As RecoverableError; the receiver itself said how many seconds to wait, which the policy may only lengthen."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds
