#!/bin/bash
# Start PostgreSQL in the foreground; an empty volume is initialised first. Any other command is run as it is.
set -euo pipefail
shopt -s nullglob
here=/usr/local/lib/postgres

# As PID 1 it would ignore a stop that comes before the server is there to take it.
trap 'exit 143' HUP INT QUIT TERM

# Nothing may gain privileges here, also where the engine was not told so: Swarm has no word for it.
[[ $(</proc/self/status) =~ NoNewPrivs:[[:space:]]+1 ]] || exec setpriv --no-new-privs "$0" "$@"

[[ ${1:-} != -* ]] || set -- postgres "$@"
case "${1:-} ${2:-}" in
  "postgres --help" | "postgres -?" | "postgres --version" | "postgres -V" | "postgres --describe-config") exec "$@" ;;
  postgres\ *) ;;
  *) exec "$@" ;;
esac

# shellcheck source=services/base/serve.sh
source /usr/local/lib/serve.sh
format_by "$here/log.pl"

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
include_settings
# A lock file left by a killed container may name the process id that the formatter has now.
[[ -z $formatter ]] || export PG_GRANDPARENT_PID=$formatter
serve "$@"
