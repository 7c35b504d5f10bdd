#!/bin/sh
# Do the work that waits in the queues, in the foreground.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
export PYTHONPATH="$here/services/backend"
cd "$here/services/backend"
# mingle and gossip wait a second or more at every reconnect, and no part of this product asks other workers.
# The deploy step has run the system checks; here they would load the whole web application (20 MB).
export CELERY_SKIP_CHECKS=1
exec celery --quiet -A config worker --loglevel="${LOG_LEVEL:-INFO}" --without-mingle --without-gossip "$@"
