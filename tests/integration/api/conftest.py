"""The served application with two organisations in it, and those who call it."""

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from tests.integration.api.callers import SIGN_IN, Caller, callers
from tests.integration.api.scene import INSTALLATION, OURS, THEIRS, installation_settle, organisation_settle


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker, redis_server) -> Iterator[dict[str, Caller]]:
    """Yield the callers. Everything is taken back at the end: it is one transaction, which no request may close."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        organisation_settle(OURS)
        organisation_settle(THEIRS)
        installation_settle(INSTALLATION)
        yield callers()
        transaction.set_rollback(True)
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module", params=SIGN_IN)
def caller(request, scene) -> Caller:
    return scene[request.param]
