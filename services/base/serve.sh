#!/bin/bash
# Sourced by the entrypoints of servers that write text only: what they say goes through a formatter that makes JSON of it,
# unless a person reads it. The server is then no PID 1: when PID 1 ends, the kernel kills the formatter too, and the last
# line, which may hold the reason, was lost at one stop of PostgreSQL in ten (of 50 stops of Redis none, by luck only).

# Send everything from here on through a formatter; `formatter` is its process id, or empty.
formatter=
format_by() {
  if [[ ${LOG_FORMAT:-auto} != plain && ! (${LOG_FORMAT:-auto} == auto && -t 1) ]]; then
    exec 2> >(exec "$@") >&2
    formatter=$!
  fi
}

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

# Run the server: in the place of this shell, or, with a formatter, as its child, to which signals are passed on.
serve() {
  [[ -n $formatter ]] || exec "$@"
  local signal server code=0
  for signal in HUP INT QUIT TERM USR1 USR2; do
    # shellcheck disable=SC2064 # the name of the signal is known now, the server's process id is not
    trap "kill -$signal \$server" "$signal"
  done
  # Without <&0 a shell gives what it starts in the background /dev/null for its input.
  "$@" <&0 &
  server=$!
  while kill -0 "$server" 2>/dev/null; do wait "$server" || true; done
  wait "$server" || code=$?
  drain
  exit "$code"
}
