#!/bin/sh
# Run worker and beat under supervisord, the container's process.
set -eu
: "${HEARTBEAT_FILE:?where the worker proves its progress}"
: "${HEARTBEAT_GIVE_UP_SECONDS:?after how long without progress the container ends}"
: "${WORKER_STOP_SECONDS:?how long a running task may take to end when the container stops}"
exec python3 -m runtime.supervise /app/services/celery/supervisord.conf /run/deskbeat/failed
