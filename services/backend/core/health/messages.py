"""What an alert says: one mail for all that changed, one webhook for each change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings

from core.effects.services.enqueue import Draft
from core.health.findings import clock, counted
from core.health.models import Alert


class Change(StrEnum):
    BROKEN = "broken"  # for the first time, or worse than before
    STILL = "still broken"  # a day after it was last told
    OVER = "over"


@dataclass(frozen=True)
class News:
    change: Change
    alert: Alert


def drafts(news: Sequence[News], now: datetime) -> list[Draft]:
    """Write to each address. Nobody's quiet hours count: the alerts belong to no organisation."""
    if not news:
        return []
    mail = {"subject": _subject(news), "text": _text(news)}
    to_people = [
        Draft("mail", {"to": [address], **mail}, f"health.alerts:{now.isoformat()}:{number}")
        for number, address in enumerate(settings.ALERT_EMAIL)
    ]
    return to_people + (list(_calls(news, now)) if settings.ALERT_WEBHOOK else [])


def _subject(news: Sequence[News]) -> str:
    """Say it all when it is one thing; else how many."""
    if len(news) == 1:
        [one] = news
        return f"[Deskbeat] {one.change}: {one.alert.group}, {one.alert.subject}"
    numbers = [f"{sum(one.change == change for one in news)} {change}" for change in Change]
    return f"[Deskbeat] {', '.join(words for words in numbers if not words.startswith('0 '))}"


def _text(news: Sequence[News]) -> str:
    found = counted(sum(one.change != Change.OVER for one in news), "problem")
    seen = f"{found} to look at, as the node {settings.NODE_NAME} sees it. All that is wrong now: make doctor.\n"
    return "\n".join([*(_paragraph(one) for change in Change for one in news if one.change == change), seen])


def _paragraph(one: News) -> str:
    alert = one.alert
    if one.change == Change.OVER:
        told = f"told since {clock(alert.raised_at)}"
        return f"OVER ({told}): {alert.group}, {alert.subject}\n  It was: {alert.sentence}\n"
    return (
        f"{one.change.upper()} ({alert.level}): {alert.group}, {alert.subject}\n"
        f"  {alert.sentence}\n  What to do: {alert.remedy}\n"
    )


def _calls(news: Sequence[News], now: datetime) -> Iterator[Draft]:
    for one in news:
        key = f"health.alert:{one.alert.pk}:{one.change.name.lower()}:{now.isoformat()}"
        yield Draft("webhook", {"url_setting": "ALERT_WEBHOOK", "body": _body(one)}, key)


def _body(one: News) -> dict[str, Any]:
    """`alert` is the same from broken to over; `text` is what chat systems show."""
    alert = one.alert
    return {
        "event": f"health.{one.change.name.lower()}",
        "alert": f"{alert.key}:{alert.raised_at.isoformat()}",
        "level": alert.level,
        "group": alert.group,
        "subject": alert.subject,
        "sentence": alert.sentence,
        "remedy": alert.remedy,
        "since": alert.since,
        "node": settings.NODE_NAME,
        "text": _paragraph(one),
    }
