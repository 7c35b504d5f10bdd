"""Wiring of one process. Importing it sets up the Celery app, which web processes need to reach the right broker."""

from config.celery import app as celery_app

__all__ = ("celery_app",)
