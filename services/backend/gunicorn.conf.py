"""How gunicorn serves the web: threads for waiting on PostgreSQL, one log line form, nothing on disk."""

import os
from pathlib import Path

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

bind = os.environ.get("WEB_LISTEN", "0.0.0.0:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 1)
threads = int(os.environ.get("WEB_THREADS") or 8)
# Recycled against leaks; the jitter keeps two workers from recycling at once.
max_requests, max_requests_jitter = 10_000, 1_000
graceful_timeout = 30
# The heartbeat file of each worker: memory, not a disk that may be slow or read-only.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# On by default since 25.1, and fails on a read-only root.
control_socket_disable = True
# Requests are logged by config.requests, with their id.
accesslog = errorlog = None
# Reading the settings here has a second reason: a refusal ends the start. In a worker, gunicorn would try for ever.
logconfig_dict = settings.LOGGING
