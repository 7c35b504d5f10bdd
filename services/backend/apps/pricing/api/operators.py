"""Who acts, as the audit names them."""

from typing import cast

from django.contrib.auth.models import User

from core.audit.services import Operator
from core.organisations.auth import Caller


def operator(caller: Caller) -> Operator:
    return Operator(caller.name, cast(User | None, caller.user), caller.organisation)
