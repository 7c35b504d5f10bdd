"""The same app as Celery comes: `celery -A benchmarks.runs.stock worker`."""

import os

from celery import Celery

from benchmarks.runs.work import done

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.runs.stock_settings")
app = Celery("stock")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task(name="bench.stock")
def stock(sent: float) -> None:
    done(sent)
