# shellcheck shell=bash
# Make the cluster beside its place and rename it at the end: an initialisation that was killed leaves nothing half done.

refuse_foreign_data() {
  local volume=${PGDATA%/*} found version
  for found in "$PGDATA" "$volume" "$volume"/* "$volume"/*/*; do
    [[ -e $found/PG_VERSION && $found != "$PGDATA.new"* && $found != "$PGDATA"/* ]] || continue
    version=$(<"$found/PG_VERSION")
    [[ $version == "$PG_MAJOR" ]] ||
      fail "$found holds data of PostgreSQL $version and this image runs $PG_MAJOR:" \
        "dump it with an image of PostgreSQL $version and restore it into an empty volume"
    [[ $found == "$PGDATA" ]] ||
      fail "$found holds data of PostgreSQL $version but PGDATA is $PGDATA: set PGDATA=$found, or mount an empty volume"
  done
  if [[ -e $PGDATA/PG_VERSION ]]; then
    [[ -O $PGDATA ]] ||
      fail "$PGDATA belongs to uid $(stat -c %u "$PGDATA") and this image runs as uid $UID: chown -R $UID:$UID the volume"
  else
    [[ -w $volume ]] || fail "$volume is not writable by uid $UID: chown $UID:$UID the volume"
  fi
}

initialise() {
  local final=$PGDATA
  [[ -n ${POSTGRES_PASSWORD:-} ]] ||
    fail "the database is empty and has no password: set POSTGRES_PASSWORD_FILE (or POSTGRES_PASSWORD)"
  [[ -z $(ls -A "$final" 2>/dev/null) ]] ||
    fail "$final is not empty and holds no PostgreSQL data: mount an empty volume, or remove what is in it"
  echo "initialising PostgreSQL $PG_MAJOR in $final"
  # Init scripts write to PGDATA, as with the official image.
  export PGDATA=$final.new
  rm -rf "$PGDATA"
  create_cluster
  run_scripts
  mv -T "$PGDATA" "$final"
  export PGDATA=$final
  echo "initialised PostgreSQL $PG_MAJOR in $final"
}

# Data that the official image made does not know our settings; that image finds no file there and goes on.
include_settings() {
  local line="include_if_exists = '$SETTINGS'"
  grep --quiet --fixed-strings --line-regexp "$line" "$PGDATA/postgresql.conf" || echo "$line" >>"$PGDATA/postgresql.conf"
}

create_cluster() {
  local arguments
  IFS=' ' read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
  # The builtin provider sorts by code point: no index breaks when the C library changes its collations.
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    --encoding=UTF8 --locale=C.UTF-8 --locale-provider=builtin --builtin-locale=C.UTF-8 \
    --data-checksums --auth=scram-sha-256 "${arguments[@]}" >/dev/null ||
    fail "initdb could not make the database: see the lines above"
  include_settings
  # The socket is inside this container: whoever may run a command here as the server's user is let in, nobody else is.
  cat >"$PGDATA/pg_hba.conf" <<'CONF'
local all         all     peer map=container
host  all         all all scram-sha-256
local replication all     peer map=container
host  replication all all scram-sha-256
CONF
  echo 'container postgres all' >"$PGDATA/pg_ident.conf"
}

# Run what is in /docker-entrypoint-initdb.d against a server that listens on its socket only.
run_scripts() {
  local file
  PGUSER=$POSTGRES_USER pg_ctl start --silent --wait -o "-c listen_addresses=''" || fail "the new database did not start: see the lines above"
  [[ $POSTGRES_DB == postgres ]] || query --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  export POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD
  # shellcheck disable=SC1090 # scripts that are not executable are sourced, as with the official image
  for file in /docker-entrypoint-initdb.d/*; do
    echo "running $file"
    case $file in
      *.sh) if [[ -x $file ]]; then "$file"; else source "$file"; fi ;;
      *.sql) query --dbname "$POSTGRES_DB" --file "$file" ;;
      *.sql.gz) gunzip --stdout "$file" | query --dbname "$POSTGRES_DB" ;;
      *) echo "WARNING: $file is neither .sh, .sql nor .sql.gz and was left out" ;;
    esac || abandon "$file failed: nothing was kept; mend it and start again"
  done
  export -n POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD
  pg_ctl stop --silent --mode fast --wait
}

abandon() {
  pg_ctl stop --silent --mode immediate || true
  fail "$@"
}

query() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password "$@"
}
