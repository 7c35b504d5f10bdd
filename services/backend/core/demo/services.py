"""The demonstration: its organisations, the user who sees everything, and the rows of each app."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from core.demo.declaration import demos
from core.organisations.enums import Role
from core.organisations.models import Member, Organisation

DEMO_USER = "demo"


@dataclass(frozen=True)
class DemoOrganisation:
    slug: str
    name: str
    tz: str


HARBOUR = DemoOrganisation("harbour-foods", "Harbour Foods", "Europe/London")
LIBRARY = DemoOrganisation("city-library", "City Library", "Europe/Berlin")


def demo_organisation(demo: DemoOrganisation) -> Organisation:
    return Organisation.objects.get_or_create(slug=demo.slug, defaults={"name": demo.name, "tz": demo.tz})[0]


@transaction.atomic
def demo_seed(*, reset: bool = False) -> list[str]:
    """Add what is missing, of each app that is installed, and say so; `reset` puts back what exists."""
    for organisation in (HARBOUR, LIBRARY):
        demo_organisation(organisation)
    return [demo.seed(reset) for demo in demos()]


@transaction.atomic
def demo_user_create(*, password: str) -> User:
    """Make the user who sees everything, as owner of each demonstration organisation."""
    user = User.objects.create_superuser(DEMO_USER, password=password)
    for organisation in (HARBOUR, LIBRARY):
        Member.objects.create(user=user, organisation=demo_organisation(organisation), role=Role.OWNER)
    return user
