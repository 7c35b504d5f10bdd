"""Deskbeat's Celery app, with two tasks more: `celery -A benchmarks.runs.ours worker`."""

from config.celery import app

app.conf.include = [*app.conf.include, "benchmarks.runs.our_tasks"]
