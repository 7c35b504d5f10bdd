"""The HTTP door of runs. Every query starts from what the caller may see; the rest is 404. Only the web loads it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from ninja import Router
from ninja.errors import HttpError

from core.effects.errors import EffectRefusedError
from core.runs.api import health, letters, operating, reading, schedules
from core.runs.api.callers import run_auth
from core.runs.errors import RunRefusedError
from core.schedules.errors import ScheduleRefusedError


def answer_refusals(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer 409 for what the state forbids, with the service's sentence."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except (RunRefusedError, EffectRefusedError, ScheduleRefusedError) as error:
            raise HttpError(409, str(error)) from None

    return answered


router = Router(auth=run_auth)
router.add_decorator(answer_refusals)
router.add_router("", reading.top)
for part in (reading, operating, letters, schedules, health):
    router.add_router("/tasks", part.router)
