#!/bin/sh
# Healthy while a tick went through beat, Redis, worker and database not long ago. No Python: it runs every few seconds.
set -eu
[ -e "$HEARTBEAT_FILE" ] || {
  echo "no tick went through yet"
  exit 1
}
# GNU's stat, else that of BSD and macOS.
stamp=$(stat -c %Y "$HEARTBEAT_FILE" 2>/dev/null || stat -f %m "$HEARTBEAT_FILE")
age=$(($(date +%s) - stamp))
[ "$age" -lt "${HEARTBEAT_STALE_SECONDS:-90}" ] || {
  echo "no tick went through for $age s"
  exit 1
}
