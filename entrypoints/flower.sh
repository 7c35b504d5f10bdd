#!/bin/sh
# Show workers, queues and tasks on a web page, in the foreground; the password is read by flowerconfig.py.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
export PYTHONPATH="$here/services/backend"
cd "$here/services/backend"
# The settings ask for both, and Flower has no use for either: it signs nothing and asks no database.
SECRET_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export SECRET_KEY DB_PASSWORD=unused CELERY_SKIP_CHECKS=1
exec celery --quiet -A config flower --conf="$here/services/flower/flowerconfig.py" --port=5555 "$@"
