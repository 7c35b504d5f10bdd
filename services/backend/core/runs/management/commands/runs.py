"""Look at runs, and operate them, from a terminal."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from core.audit.services import Operator
from core.clock import database_now
from core.runs.enums import UNSUCCESSFUL, State
from core.runs.errors import RunRefusedError
from core.runs.models import Run
from core.runs.services.operate import run_approve, run_cancel, run_reject, run_retry, run_terminate
from core.runs.terminal import as_json, card, since_moment, table
from core.sweep.services import run_retry_items, run_undo

OPERATOR = Operator("manage.py runs")
ACTS: dict[str, tuple[Callable[..., Run], str]] = {
    "cancel": (run_cancel, "cancel what waits, ask what runs to stop at its next safe point"),
    "terminate": (run_terminate, "kill what was cancelled and does not stop"),
    "retry": (run_retry, "ask for the same again"),
    "retry-items": (run_retry_items, "ask again for the items alone that failed"),
    "undo": (run_undo, "take back what it changed"),
    "approve": (run_approve, "let a held run do what it announced"),
    "reject": (run_reject, "end a held run without a change"),
}


class Command(BaseCommand):
    help = "Print runs, newest first; with an id, all that is known of one; with an option named like an act, do it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", nargs="?", metavar="RUN_ID", help="print this run with its items and its traceback")
        parser.add_argument(
            "--state", action="append", type=str.upper, metavar="STATE", help=f"{', '.join(State)}; may be repeated"
        )
        parser.add_argument("--failed", action="store_true", help="what ended otherwise than asked")
        parser.add_argument("--name", help="the task")
        parser.add_argument("--since", metavar="TIME", help="90m, 2h, 3d, or an ISO time with its zone")
        parser.add_argument("--limit", type=int, default=20, metavar="N")
        parser.add_argument("--json", action="store_true", help="one JSON object per line")
        acts = parser.add_mutually_exclusive_group()
        for act, (_, what) in ACTS.items():
            acts.add_argument(f"--{act}", metavar="RUN_ID", help=what)

    def handle(self, *_: Any, **options: Any) -> None:
        act = next((act for act in ACTS if options[act.replace("-", "_")]), None)
        if act:
            self._do(act, options[act.replace("-", "_")])
        elif options["run"]:
            self._show(_run(options["run"]), as_lines=options["json"])
        else:
            self._list(options)

    def _do(self, act: str, run_id: str) -> None:
        try:
            run = ACTS[act][0](run=_run(run_id), operator=OPERATOR)
        except RunRefusedError as error:
            raise CommandError(str(error)) from None
        asked = ", asked to stop" if act == "cancel" and run.is_open else ""
        self.stdout.write(f"{run.id}  {run.state}{asked}  {run.name}")

    def _show(self, run: Run, *, as_lines: bool) -> None:
        lines = [json.dumps(as_json(run), default=str)] if as_lines else card(run)
        for line in lines:
            self.stdout.write(line)

    def _list(self, options: dict[str, Any]) -> None:
        runs = list(_chosen(options)[: options["limit"]])
        if options["json"]:
            for run in runs:
                self._show(run, as_lines=True)
            return
        for line in table(runs) if runs else ["There is no such run."]:
            self.stdout.write(line)


def _run(run_id: str) -> Run:
    try:
        return Run.objects.select_related("organisation", "schedule").get(id=UUID(run_id))
    except (ValueError, Run.DoesNotExist):
        raise CommandError(f"There is no run {run_id!r}: `manage.py runs` lists them.") from None


def _chosen(options: dict[str, Any]) -> QuerySet[Run]:
    rows = Run.objects.select_related("organisation", "schedule").order_by("-queued_at", "-id")
    if states := _states(options):
        rows = rows.filter(state__in=states)
    if options["name"]:
        rows = rows.filter(name=options["name"])
    if options["since"]:
        try:
            rows = rows.filter(queued_at__gte=since_moment(options["since"], database_now()))
        except ValueError as error:
            raise CommandError(str(error)) from None
    if options["limit"] < 1:
        raise CommandError("--limit is 1 or more.")
    return rows


def _states(options: dict[str, Any]) -> list[str]:
    wrong = [state for state in options["state"] or [] if state not in State]
    if wrong:
        raise CommandError(f"There is no state {wrong[0]!r}: use one of {', '.join(State)}.")
    return [*(options["state"] or []), *(sorted(UNSUCCESSFUL) if options["failed"] else [])]
