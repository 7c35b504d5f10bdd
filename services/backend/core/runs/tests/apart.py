"""What happens beside the test: in threads, each on a connection to the database of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")


def apart(work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Do it as a thread's own: nobody else closes the connection that Django opens for it."""
    try:
        return work(*args, **kwargs)
    finally:
        connection.close()


def at_once(work: Callable[[], Result], times: int = 2) -> list[Result]:
    """Do the same several times at once, and return what each came to."""
    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(apart, work) for _ in range(times)]]
