"""The least Django settings, with Celery's and django-celery-results' own for the rest.

Nothing is set to slow it: durable commits, a result of SUCCESS alone, early acknowledgement, four messages ahead, plain
log lines are what they come with. BENCH_TUNED gives it what helps ours, too.
"""

import os
import sys

TUNED = bool(os.environ.get("BENCH_TUNED"))

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django_celery_results"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **{name: os.environ[f"DB_{name}"] for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD")},
        # As ours, though Celery closes the connection around each task all the same.
        "CONN_MAX_AGE": None,
        "OPTIONS": {"options": "-c synchronous_commit=off"} if TUNED else {},
    }
}
USE_TZ = True
CELERY_BROKER_URL = os.environ["BENCH_STOCK_URL"]
CELERY_RESULT_BACKEND = "django-db"
if TUNED:
    # Celery's own switch for keeping connections, and our number of messages ahead.
    CELERY_DB_REUSE_MAX = sys.maxsize
    CELERY_WORKER_PREFETCH_MULTIPLIER = 1
