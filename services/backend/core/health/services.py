"""Tell people what broke and what is over: once each, and once a day while it lasts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from core.clock import database_now
from core.effects.services.enqueue import effects_enqueue
from core.health.findings import Finding, Group, Level
from core.health.messages import Change, News, drafts
from core.health.models import Alert
from core.health.report import health_report

REMIND_AFTER = timedelta(days=1)
# Two looks in a row, five minutes apart: what comes and goes each minute is one alert, not a dozen.
GONE_AFTER = timedelta(minutes=9)


def health_check() -> dict[str, int]:
    """Look, and ask for the mails and webhooks that say what has changed since the last look; count the changes.

    Without an address nobody is told, and nothing is remembered: who is named later hears of all that is broken then.
    """
    if not (settings.ALERT_EMAIL or settings.ALERT_WEBHOOK):
        Alert.objects.all().delete()
        return {}
    findings = health_report()
    with transaction.atomic():
        now = database_now()
        news = list(_news(findings, now))
        effects_enqueue(drafts(news, now))
    return dict(Counter(one.change for one in news))


def _news(findings: Sequence[Finding], now: datetime) -> Iterator[News]:
    known = {alert.key: alert for alert in Alert.objects.select_for_update()}
    # Errors come first; of two with the same key (two runs of one task) the worse one speaks.
    found = {finding.key: finding for finding in reversed(findings)}
    for key in dict.fromkeys(finding.key for finding in findings):
        alert = known.get(key)
        change = _seen(alert, found[key], now) if alert else Change.BROKEN
        alert = alert or Alert(key=key, raised_at=now, told_at=now)
        _remember(alert, found[key], change, now)
        if change:
            yield News(change, alert)
    if not any(finding.group == Group.DATABASE for finding in findings):
        # A database that is away, or being migrated, hides everything else.
        yield from _over([alert for key, alert in known.items() if key not in found], now)


def _seen(alert: Alert, finding: Finding, now: datetime) -> Change | None:
    if (alert.level, finding.level) == (Level.WARNING, Level.ERROR):
        return Change.BROKEN
    return Change.STILL if now - alert.told_at >= REMIND_AFTER else None


def _remember(alert: Alert, finding: Finding, change: Change | None, now: datetime) -> None:
    alert.level, alert.group, alert.subject = finding.level, finding.group, finding.subject
    alert.sentence, alert.remedy, alert.since = finding.sentence, finding.remedy, finding.since
    alert.seen_at, alert.told_at = now, now if change else alert.told_at
    alert.save()


def _over(missing: Sequence[Alert], now: datetime) -> Iterator[News]:
    for alert in missing:
        if now - alert.seen_at >= GONE_AFTER:
            # The news still need its number, which deleting it takes.
            Alert.objects.filter(pk=alert.pk).delete()
            yield News(Change.OVER, alert)
