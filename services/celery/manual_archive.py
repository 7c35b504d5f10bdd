#!/usr/bin/env python3
"""Archive tickets by hand: `manage.py archive_done_tickets` (and its --dry-run) from the worker's folder."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "backend"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line([sys.argv[0], "archive_done_tickets", *sys.argv[1:]])
