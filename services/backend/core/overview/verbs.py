"""What a person may do to a row on its admin page: each verb calls the service that the API calls."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html

from core.audit.services import Operator


@dataclass(frozen=True)
class Verb:
    """`fits` says of which rows the page offers it; the service has the last word. A `question` is asked before."""

    name: str
    label: str
    done: str
    act: Callable[..., Any]
    fits: Callable[[Any], bool]
    question: str = ""


def operator_of(request: HttpRequest) -> Operator:
    user = cast(User, request.user)  # the admin has let nobody else in
    return Operator(name=user.get_username(), user=user)


@dataclass(frozen=True)
class Operating:
    """The verbs of one kind of row: as what the services take it, how they refuse, and where what they return shows."""

    argument: str
    verbs: tuple[Verb, ...]
    refusal: type[Exception]
    address: Callable[[Any], str]

    def named(self, name: str) -> Verb | None:
        return next((verb for verb in self.verbs if verb.name == name), None)

    def act(self, request: HttpRequest, verb: Verb, rows: Iterable[Model]) -> None:
        """Do it to each, and say of each kind of refusal once why, and how often."""
        done, refused = [], dict[str, int]()
        for row in rows:
            try:
                done.append((row, verb.act(**{self.argument: row}, operator=operator_of(request))))
            except self.refusal as refusal:
                refused[str(refusal)] = refused.get(str(refusal), 0) + 1
        if done:
            messages.success(request, self._said(verb, done))
        for sentence, count in refused.items():
            messages.error(request, sentence if count == 1 else f"{count} times: {sentence}")

    def _said(self, verb: Verb, done: list[tuple[Any, Any]]) -> str:
        before, after = done[0]
        if len(done) > 1:
            return f"{verb.done}: {len(done)} of them."
        if (type(before), before.pk) == (type(after), after.pk):
            return f"{verb.done}: {before}."
        link = '{}: {}. <a class="underline" href="{}">See the new run</a>.'
        return format_html(link, verb.done, before, self.address(after))
