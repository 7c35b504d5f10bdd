#!/bin/sh
# Bring database and schedules to this release, once per deploy; then end.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
export PYTHONPATH="$here/services/backend"
cd "$here/services/backend"
exec python3 manage.py deploy "$@"
