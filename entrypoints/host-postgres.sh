#!/bin/sh
# Serve the host runtime's own PostgreSQL on a private unix socket only. `make up` has made the data directory.
set -eu
: "${POSTGRES_BIN:?the directory of the PostgreSQL programs}"
: "${PGDATA:?the data directory}"
: "${STACK_SOCKET_DIR:?the directory of the unix sockets}"
set -- "$POSTGRES_BIN/postgres" -D "$PGDATA" -c listen_addresses= -c port=5432 \
  -c unix_socket_directories="$STACK_SOCKET_DIR" -c unix_socket_permissions=0700 "$@"
# PostgreSQL refuses uid 0: root starts it in a user namespace, or as nobody (see deploy/bundle/host/identity.py).
case ${POSTGRES_AS:-} in
  namespace) exec unshare --user --map-user=1000 --map-group=1000 -- "$@" ;;
  account) exec setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@" ;;
esac
exec "$@"
