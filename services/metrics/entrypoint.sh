#!/bin/bash
# Tell how Redis is, and how long each queue is, to whoever knows the password. Both passwords go by environment: every
# user of the machine can read a command line.
set -euo pipefail

# Nothing may gain privileges here, also where the engine was not told so: Swarm has no word for it.
[[ $(</proc/self/status) =~ NoNewPrivs:[[:space:]]+1 ]] || exec setpriv --no-new-privs "$0" "$@"

# shellcheck source=services/base/serve.sh
source /usr/local/lib/serve.sh
# {"level":"info","msg":"...","time":"..."} is the exporter's form.
format_by sed --unbuffered --regexp-extended \
  's/^\{"level":"([a-z]+)","msg":(.*),"time":"([^"]*)"\}$/{"ts": "\3", "level": "\1", "logger": "metrics", "event": \2}/'

secret() {
  local file="${1}_FILE"
  [[ -z ${!file:-} ]] || printf -v "$1" %s "$(cat "${!file}")"
  [[ -n ${!1:-} ]] || fail "$1 is not set: mount a secret and name it in $file"
}

# Length of each queue, a list in the broker's database, and of what the workers hold. The exporter's own way of asking
# for keys (1.69) logs an error and gives up at the first queue that is empty, as an empty list is no key.
script() {
  local queue
  echo "redis.call('SELECT', 1)"
  echo "local told = {'unacked', tostring(redis.call('HLEN', 'unacked'))}"
  for queue in ${METRICS_QUEUES//,/ }; do
    echo "told[#told + 1], told[#told + 2] = '$queue', tostring(redis.call('LLEN', '$queue'))"
  done
  echo "return told"
}

secret REDIS_PASSWORD
secret METRICS_PASSWORD
# To the exporter this name means a file of another form.
unset REDIS_PASSWORD_FILE
script >/tmp/queues.lua
scheme=redis
if [[ -n ${REDIS_CA_FILE:-} ]]; then
  scheme=rediss
  export REDIS_EXPORTER_TLS_CA_CERT_FILE=$REDIS_CA_FILE
fi
export REDIS_PASSWORD REDIS_ADDR="$scheme://${REDIS_HOST:-localhost}:${REDIS_PORT:-6379}"
export REDIS_EXPORTER_BASIC_AUTH_USERNAME=metrics REDIS_EXPORTER_BASIC_AUTH_PASSWORD=$METRICS_PASSWORD
export REDIS_EXPORTER_SCRIPT=/tmp/queues.lua
[[ -z $formatter ]] || export REDIS_EXPORTER_LOG_FORMAT=json
serve "$@"
