#!/bin/sh
# Healthy while a tick went through beat, Redis, worker and database not long ago. No Python: it runs every few seconds.
# Usage: probe.sh [HEARTBEAT_FILE]
set -eu
HEARTBEAT_FILE=${1:-$HEARTBEAT_FILE}
now=$(date +%s)

# GNU's stat, else that of BSD and macOS.
modified() { stat -c %Y "$1" 2>/dev/null || stat -f %m "$1"; }

# No tick passes while each of the worker's processes is in a task, until the task's time is over (core/heartbeat/work).
at_work() {
  busy=0
  for mark in "$HEARTBEAT_FILE".busy.*; do
    if kill -0 "${mark##*.}" 2>/dev/null && [ "$(modified "$mark" || echo 0)" -gt "$now" ]; then busy=$((busy + 1)); fi
  done
  [ "$busy" -ge "${CELERY_CONCURRENCY:-2}" ]
}

[ -e "$HEARTBEAT_FILE" ] || {
  echo "no tick went through yet"
  exit 1
}
age=$((now - $(modified "$HEARTBEAT_FILE")))
[ "$age" -lt "${HEARTBEAT_STALE_SECONDS:-90}" ] || at_work || {
  echo "no tick went through for $age s"
  exit 1
}
