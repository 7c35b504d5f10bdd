#!/bin/sh
# Healthy means an authenticated PONG: redis-cli exits 0 on NOAUTH too. The password goes by environment, never by argv.
REDISCLI_AUTH=${REDIS_PASSWORD:-}
if [ -n "${REDIS_PASSWORD_FILE:-}" ]; then
  read -r REDISCLI_AUTH <"$REDIS_PASSWORD_FILE" || [ -n "$REDISCLI_AUTH" ] || exit 1
fi
export REDISCLI_AUTH
answer=$(redis-cli ping) || true
[ "$answer" = PONG ] || { echo "redis answered: $answer" && exit 1; }
