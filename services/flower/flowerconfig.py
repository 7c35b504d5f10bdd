"""Flower's configuration, for `celery flower --conf`: a password in front of every page, one JSON line per event."""

import os
from logging.config import dictConfig

from django.conf import settings
from flower.views import monitor
from tornado.web import authenticated

from config.env import Environment

# Its own log would be plain text; whoever finds a handler in place adds none.
dictConfig(settings.LOGGING)
# Flower leaves this page open: the names of the tasks and of the workers are nobody's business.
monitor.Metrics.get = authenticated(monitor.Metrics.get)

basic_auth = [f"flower:{Environment(os.environ).secret('FLOWER_PASSWORD')}"]
# What it has seen is gone when it ends; the record of runs is in the database.
persistent = False
max_tasks = 10_000
# Milliseconds; a busy worker answers late, and what did not answer within Flower's one second stays empty.
inspect_timeout = 3_000.0
