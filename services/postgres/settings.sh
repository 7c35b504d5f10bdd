# shellcheck shell=bash
# What the server is told at each start. Flags on the command line and ALTER SYSTEM win over this file.
SETTINGS=/run/postgresql/settings.conf

# Set `mb` to the container's limit in MiB, from the bundle or from the control group (version 2, then 1).
read_memory() {
  local limit
  if [[ -n ${POSTGRES_MEMORY_MB:-} ]]; then
    [[ $POSTGRES_MEMORY_MB =~ ^[1-9][0-9]{1,6}$ ]] ||
      fail "POSTGRES_MEMORY_MB is '$POSTGRES_MEMORY_MB': give the memory of this container in MiB, as in 512"
    mb=$POSTGRES_MEMORY_MB
    return
  fi
  limit=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1) || true
  # No limit is "max" in version 2 and 2^63 less a page in version 1: be a modest guest.
  if [[ $limit =~ ^[0-9]{1,15}$ ]]; then mb=$((limit / 1048576)); else mb=1024; fi
}

between() { # LOW VALUE HIGH
  echo $(($2 < $1 ? $1 : $2 > $3 ? $3 : $2))
}

# wal_buffers: who writes waits once they are full while the disk syncs the log. Of three runs over 200,000 batches, on a
# disk that at times took 0.4 s and more for that, the longest transaction took 1,190 ms with PostgreSQL's own 8 MB, and
# 70 ms with 32 (benchmarks/pricing.py).
write_settings() {
  local mb
  read_memory
  [[ -w ${SETTINGS%/*} ]] || fail "${SETTINGS%/*} is not writable by uid $UID: mount a tmpfs there with uid=10003,gid=10003"
  cat >"$SETTINGS" <<CONF
listen_addresses = '*'
unix_socket_directories = '${SETTINGS%/*}'
password_encryption = 'scram-sha-256'
max_connections = $(between 40 $((mb / 8)) 200)
shared_buffers = $((mb / 4))MB
effective_cache_size = $((mb * 60 / 100))MB
maintenance_work_mem = $(between 16 $((mb / 16)) 1024)MB
wal_buffers = $(between 4 $((mb / 32)) 64)MB
work_mem = $(between 4 $((mb / 256)) 64)MB
jit = off
log_destination = 'stderr'
log_timezone = 'UTC'
CONF
  if [[ -n $formatter ]]; then
    printf "log_line_prefix = '%s'\n" $'%m\x1f%p\x1f%q%u\x1f%d\x1f%a\x1f' >>"$SETTINGS"
  fi
}

# Let pg_dump and psql inside this container reach it over TCP without a prompt, as backup tools expect.
write_passfile() {
  local escaped=${POSTGRES_PASSWORD:-}
  [[ -n $escaped ]] || return 0
  escaped=${escaped//\\/\\\\}
  (umask 077 && printf '%s:*:*:*:%s\n' localhost "${escaped//:/\\:}" 127.0.0.1 "${escaped//:/\\:}" >"$PGPASSFILE")
}
