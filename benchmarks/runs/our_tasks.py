"""The task on record, and the one that opted out."""

from celery import shared_task

from benchmarks.runs.work import done
from core.runs.task import LedgerTask


@shared_task(base=LedgerTask, name="bench.ledger")
def ledger(sent: float) -> None:
    done(sent)


@shared_task(base=LedgerTask, name="bench.free", ledger=False, ignore_result=True)
def free(sent: float) -> None:
    done(sent)
