"""Look for what is wrong, from the servers to the last schedule, and say what to do."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.health.doctor.examination import Examination
from core.health.doctor.groups import examinations
from core.health.findings import counted

FINE, PROBLEMS, NOT_LOOKED = 0, 1, 2


class Command(BaseCommand):
    help = "Looks for what is wrong. Exit code: 0 nothing, 1 problems, 2 no problem found, but something not looked at."
    # They would stop the command where it is needed most: a database that is away.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one document, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        found = []
        for examination in examinations():
            found.append(examination)
            if not options["json"]:
                self._say(examination)
        code = exit_code(found)
        if options["json"]:
            document = {"exit_code": code, "groups": [examination.as_dict() for examination in found]}
            self.stdout.write(json.dumps(document, default=str, indent=2))
        else:
            self.stdout.write(_sum(found))
        sys.exit(code)

    def _say(self, found: Examination) -> None:
        state = "PROBLEM" if found.problems else "NOT SEEN" if found.unseen else "fine"
        self.stdout.write(f"{found.group}: {state} ({found.seconds:.2f} s). {found.asks}")
        for sentence in found.seen:
            self.stdout.write(f"    {sentence}")
        if found.unseen:
            self.stdout.write(f"    not looked at: {found.unseen}")
        for problem in found.problems:
            self.stdout.write(f"  ! {problem.level}: {problem.sentence}")
            self.stdout.write(f"    what to do: {problem.remedy}")


def exit_code(found: list[Examination]) -> int:
    if any(examination.problems for examination in found):
        return PROBLEMS
    return NOT_LOOKED if any(examination.unseen for examination in found) else FINE


def _sum(found: list[Examination]) -> str:
    problems = [problem for examination in found for problem in examination.problems]
    unseen = [examination.group for examination in found if examination.unseen]
    said = counted(len(problems), "problem") if problems else "Nothing is wrong"
    return f"{said}; not looked at: {', '.join(unseen)}." if unseen else f"{said}."
