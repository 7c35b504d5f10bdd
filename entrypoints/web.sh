#!/bin/sh
# Serve the API, the admin and the static files in the foreground.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
export PYTHONPATH="$here/services/backend"
cd "$here/services/backend"
exec gunicorn config.wsgi:application --config gunicorn.conf.py "$@"
