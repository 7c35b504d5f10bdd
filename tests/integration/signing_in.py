"""The admin, as a browser enters it."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.integration.stacks import Stack


@contextmanager
def signed_in(stack: Stack) -> Iterator[httpx.Client]:
    """Sign in as the superuser `root` with the password `let-me-look`, which the test made."""
    with httpx.Client(base_url=stack.address, follow_redirects=True, timeout=30) as browser:
        browser.get("/admin/login/")
        form = {"username": "root", "password": "let-me-look", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        browser.post("/admin/login/", data=form, headers={"Referer": stack.address}).raise_for_status()
        yield browser
