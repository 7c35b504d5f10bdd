#!/bin/sh
# Send what is due, in the foreground. No pidfile: a stale one would refuse the next start.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
export PYTHONPATH="$here/services/backend:$here/services/celery"
cd "$here/services/backend"
# The deploy step has run the system checks; here they would load the whole web application (20 MB).
export CELERY_SKIP_CHECKS=1
exec celery --quiet -A config beat --loglevel="${LOG_LEVEL:-INFO}" --pidfile= "$@"
