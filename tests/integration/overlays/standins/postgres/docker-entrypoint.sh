#!/bin/bash
# What the official image's entrypoint does for `postgres ...` started under another uid, in a few lines of our own:
# secrets from files, initdb in an empty PGDATA (a name for the uid by nss_wrapper), a server on the socket only to make
# the database, then the server in the foreground.
set -eu

initialise() {
  local password
  password=$(<"$POSTGRES_PASSWORD_FILE")
  if ! getent passwd "$UID" >/dev/null; then
    LD_PRELOAD=$(echo /usr/lib/*/libnss_wrapper.so)
    NSS_WRAPPER_PASSWD=$(mktemp)
    NSS_WRAPPER_GROUP=$(mktemp)
    export LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    echo "postgres:x:$UID:$UID:PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
    echo "postgres:x:$UID:" >"$NSS_WRAPPER_GROUP"
  fi
  eval "initdb --username='$POSTGRES_USER' --pwfile=<(echo '$password') ${POSTGRES_INITDB_ARGS:-}"
  unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "${*:2} -c listen_addresses='' -p 5432" -w start
  PGPASSWORD=$password psql --username "$POSTGRES_USER" --dbname postgres --command "CREATE DATABASE $POSTGRES_DB"
  pg_ctl -D "$PGDATA" -m fast -w stop
}

mkdir -p "$PGDATA"
chmod 0700 "$PGDATA" || true
[[ -s $PGDATA/PG_VERSION ]] || initialise "$@"
exec "$@"
