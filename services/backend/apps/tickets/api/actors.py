"""Who acts, as the services know it."""

from typing import cast

from django.contrib.auth.models import User

from apps.tickets.services import Actor
from core.organisations.auth import Caller


def actor(caller: Caller) -> Actor:
    return Actor(user=cast(User | None, caller.user), name=caller.name)
