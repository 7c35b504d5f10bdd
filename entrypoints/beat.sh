#!/bin/sh
# Send what is due, in the foreground. No pidfile: a stale one would refuse the next start.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
export PYTHONPATH="$here/services/backend"
cd "$here/services/backend"
exec celery -A config beat --loglevel="${LOG_LEVEL:-INFO}" --pidfile= "$@"
