"""A pytest plugin: names the servers of this test run before Django reads its settings; they start when needed."""

import os
import secrets
import tempfile
from pathlib import Path

DIRECTORY = Path(tempfile.mkdtemp(prefix="deskbeat-"))
# A socket is reached through its directory, also by a server that gave root up.
DIRECTORY.chmod(0o711)
PASSWORD = secrets.token_urlsafe(16)

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": secrets.token_urlsafe(32),
    "DB_HOST": str(DIRECTORY / "postgres"),
    "DB_USER": "deskbeat",
    "DB_PASSWORD": PASSWORD,
    "REDIS_HOST": str(DIRECTORY / "redis.sock"),
    "REDIS_PASSWORD": PASSWORD,
    "HEARTBEAT_FILE": str(DIRECTORY / "heartbeat"),
    "NODE_NAME": "tests",
    "LOG_FORMAT": "plain",
}
