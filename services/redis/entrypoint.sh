#!/bin/bash
# Start Redis in the foreground with a password. A .conf file or flags are passed on, any other command is run as it is.
set -euo pipefail
umask 077

# As PID 1 it would ignore a stop that comes before the server is there to take it.
trap 'exit 143' HUP INT QUIT TERM

# Nothing may gain privileges here, also where the engine was not told so: Swarm has no word for it.
[[ $(</proc/self/status) =~ NoNewPrivs:[[:space:]]+1 ]] || exec setpriv --no-new-privs "$0" "$@"

[[ ${1:-} != -* && ${1:-} != *.conf ]] || set -- redis-server "$@"
case "${1:-} ${2:-}" in
  "redis-server --help" | "redis-server -h" | "redis-server --version" | "redis-server -v") exec "$@" ;;
  redis-server\ *) shift ;;
  *) exec "$@" ;;
esac

# shellcheck source=services/base/serve.sh
source /usr/local/lib/serve.sh
format_by mawk -W interactive -f /usr/local/lib/redis/log.awk

password() {
  if [[ -n ${REDIS_PASSWORD:-} && -n ${REDIS_PASSWORD_FILE:-} ]]; then
    fail "both REDIS_PASSWORD and REDIS_PASSWORD_FILE are set: keep one of them"
  elif [[ -n ${REDIS_PASSWORD_FILE:-} ]]; then
    REDIS_PASSWORD=$(cat "$REDIS_PASSWORD_FILE") || fail "REDIS_PASSWORD_FILE: $REDIS_PASSWORD_FILE cannot be read by uid $UID"
  fi
  [[ -n ${REDIS_PASSWORD:-} ]] || fail "Redis has no password: set REDIS_PASSWORD_FILE (or REDIS_PASSWORD)"
}

# Three quarters of the container's limit: a rewrite of the append-only file copies pages that change meanwhile.
maxmemory() {
  local limit
  limit=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1) || true
  # No limit is "max" in version 2 of control groups and 2^63 less a page in version 1.
  if [[ $limit =~ ^[0-9]{1,15}$ ]]; then echo $((limit * 3 / 4)); else echo 0; fi
}

# The application's password is no key to the server: commands that leave the keyspace (configuration, modules, debugging,
# replication, other servers' dumps) or drop every database at once are refused. FLUSHDB stays: caches clear themselves
# with it. INFO, which kombu asks for, is no admin command.
REFUSED=(-@admin -flushall -swapdb -migrate -restore)
ADMITTED=("+acl|whoami" +bgrewriteaof +bgsave +client "+config|get" +lastsave +latency +monitor +slowlog)

settings() {
  cat <<CONF
user default on #$(printf %s "$REDIS_PASSWORD" | sha256sum | cut -d ' ' -f 1) ~* &* +@all ${REFUSED[*]} ${ADMITTED[*]}
protected-mode yes
dir /data
appendonly yes
appendfsync everysec
save ""
maxmemory ${REDIS_MAXMEMORY:-$(maxmemory)}
maxmemory-policy noeviction
CONF
  [[ -z $1 ]] || echo "include \"$1\""
}

password
[[ -w /data ]] || fail "/data is not writable by uid $UID: chown $UID:$UID the volume"
include=
if [[ ${1:-} == *.conf ]]; then
  include=$(realpath "$1")
  shift
fi
# By standard input, so that nothing of it is in argv or on a disk.
export -n REDIS_PASSWORD
exec < <(settings "$include")
serve redis-server - "$@"
