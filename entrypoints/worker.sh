#!/bin/sh
# Do the work that waits in the queues, in the foreground.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
export PYTHONPATH="$here/services/backend:$here/services/celery"
cd "$here/services/backend"
# mingle and gossip wait a second or more at every reconnect, and no part of this product asks other workers.
# The deploy step has run the system checks; here they would load the whole web application (20 MB).
export CELERY_SKIP_CHECKS=1
# Without a choice it takes every queue that is declared; its own heartbeat's it takes in any case.
[ -z "${CELERY_QUEUES:-}" ] || set -- --queues "$CELERY_QUEUES" "$@"
exec celery --quiet -A config worker --loglevel="${LOG_LEVEL:-INFO}" --without-mingle --without-gossip "$@"
