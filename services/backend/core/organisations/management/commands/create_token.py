"""Make an API token and print it once, alone on its line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.services import token_create


class Command(BaseCommand):
    help = "Make an API token for an organisation and print it once; only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", default="command line", help="who uses the token")

    def handle(self, *_: Any, organisation: str, role: str, name: str, **__: Any) -> None:
        try:
            owner = Organisation.objects.get(slug=organisation)
        except Organisation.DoesNotExist:
            known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(
                f"There is no organisation {organisation!r}; known: {known}. Add one at /admin/ under Organisations."
            ) from None
        self.stdout.write(token_create(organisation=owner, role=Role(role), name=name))
