#!/bin/sh
# DEVELOPMENT: run a program and start it again whenever a source file changes. Usage: reload.sh PROGRAM [WORD...]
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
: "${1:?the program to run, as in: reload.sh entrypoints/web.sh}"
cd "$here"
# -S -E: no site packages, no environment: it stays resident beside the program.
exec python3 -S -E services/celery/runtime/reload.py "$here" "$@"
