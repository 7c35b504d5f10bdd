"""Fill the database with a demonstration of what is installed."""

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from core.demo.services import DEMO_USER, demo_seed, demo_user_create


class Command(BaseCommand):
    help = f"Add two organisations with rows of each app, some due now, some soon, and the user {DEMO_USER!r}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="put the demo's own rows back to their first state")
        parser.add_argument("--password-file", type=Path, help="the new user's password; without it one is made up")

    def handle(self, *_: Any, reset: bool, password_file: Path | None, **__: Any) -> None:
        password = _password(password_file)
        for sentence in demo_seed(reset=reset):
            self.stdout.write(sentence)
        if User.objects.filter(username=DEMO_USER).exists():
            told = f"the password of the first time; `manage.py changepassword {DEMO_USER}` sets a new one"
            self.stdout.write(f"Sign in as {DEMO_USER} with {told}.")
            return
        demo_user_create(password=password)
        told = "the password of your file" if password_file else f"the password {password} (shown only now)"
        self.stdout.write(f"Sign in as {DEMO_USER} with {told}.")


def _password(file: Path | None) -> str:
    if file is None:
        return secrets.token_urlsafe(12)
    try:
        password = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CommandError(f"--password-file {file} cannot be read: {error.strerror}.") from None
    if not password:
        raise CommandError(f"--password-file {file} is empty: write the password into it.")
    return password
