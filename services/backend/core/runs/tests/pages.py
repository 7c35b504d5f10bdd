"""The admin's pages of runs, as tests ask for them and press their buttons."""

from django.test import Client
from django.urls import reverse

from core.runs.models import Run

LIST = reverse("admin:runs_run_changelist")


def page(run: Run) -> str:
    return reverse("admin:runs_run_change", args=[run.pk])


def shown(client: Client, address: str, **narrowed: str) -> str:
    return client.get(address, narrowed).content.decode()


def operate(client: Client, run: Run, verb: str, **more: str) -> str:
    answer = client.post(reverse("admin:runs_run_operate", args=[run.pk]), {"verb": verb, **more}, follow=True)
    return answer.content.decode()
