#!/bin/bash
# Start PostgreSQL in the foreground; an empty volume is initialised first. Any other command is run as it is.
set -euo pipefail
shopt -s nullglob
here=/usr/local/lib/postgres

[[ ${1:-} != -* ]] || set -- postgres "$@"
case "${1:-} ${2:-}" in
  "postgres --help" | "postgres -?" | "postgres --version" | "postgres -V" | "postgres --describe-config") exec "$@" ;;
  postgres\ *) ;;
  *) exec "$@" ;;
esac

# PostgreSQL writes text only: what it says goes through a formatter, unless a person reads it.
formatter=
if [[ ${LOG_FORMAT:-auto} != plain && ! (${LOG_FORMAT:-auto} == auto && -t 1) ]]; then
  exec 2> >(exec "$here/log.pl") >&2
  formatter=$!
fi

# Let the formatter write what it has. An orphan that still computes (the server was killed) is not waited for.
drain() {
  exec >/dev/null 2>&1
  [[ -z $formatter ]] || timeout 5 tail --sleep-interval 0.02 --pid "$formatter" -f /dev/null || true
}

# Say why there is no server.
fail() {
  echo "FATAL: $*"
  drain
  exit 1
}

# Run the server and pass signals on. It is no PID 1: when PID 1 ends, the kernel kills the formatter too, and the last
# line, which may hold the reason, was lost at one stop in ten.
serve() {
  local signal server code=0
  for signal in HUP INT QUIT TERM USR1 USR2; do
    # shellcheck disable=SC2064 # the name of the signal is known now, the server's process id is not
    trap "kill -$signal \$server" "$signal"
  done
  # A lock file left by a killed container may name the process id that the formatter has now.
  PG_GRANDPARENT_PID=$formatter "$@" &
  server=$!
  while kill -0 "$server" 2>/dev/null; do wait "$server" || true; done
  wait "$server" || code=$?
  drain
  exit "$code"
}

# Read NAME, or the file that NAME_FILE names, into the shell variable NAME; the server's environment has neither.
secret() {
  local file=$1_FILE value=${!1:-}
  if [[ -n ${!file:-} ]]; then
    [[ -z $value ]] || fail "both $1 and $file are set: keep one of them"
    value=$(cat "${!file}") || fail "$file: ${!file} cannot be read by uid $UID"
  fi
  unset "$1" "$file"
  printf -v "$1" %s "$value"
}

for name in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB POSTGRES_INITDB_ARGS; do secret "$name"; done
POSTGRES_USER=${POSTGRES_USER:-postgres}
POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}

# shellcheck source=/dev/null
source "$here/settings.sh"
# shellcheck source=/dev/null
source "$here/initialise.sh"
write_settings
write_passfile
refuse_foreign_data
[[ -e $PGDATA/PG_VERSION ]] || initialise
if [[ -n $formatter ]]; then serve "$@"; else exec "$@"; fi
