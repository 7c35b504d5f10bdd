#!/bin/sh
# Serve the host runtime's own Redis on a private unix socket only.
set -eu
: "${REDIS_SERVER:?the redis-server program}"
: "${REDIS_PASSWORD_FILE:?the file with the password}"
: "${STACK_RUN_DIR:?the directory of the stack}"
: "${STACK_SOCKET_DIR:?the directory of the unix sockets}"
password=$(cat "$REDIS_PASSWORD_FILE")
# The password comes by standard input: every user of the machine can read a command line.
exec "$REDIS_SERVER" - --port 0 --unixsocket "$STACK_SOCKET_DIR/redis.sock" --unixsocketperm 700 \
  --dir "$STACK_RUN_DIR/redis" "$@" <<CONFIG
requirepass $password
CONFIG
