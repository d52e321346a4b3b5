#!/usr/bin/env bash
# Tells Elasticsearch who may do what: Kibana's own password, the newsroom's role and user, the API keys.
#
#   security.sh URL ROOT [STEP...]
#
# URL is Elasticsearch's, ROOT as in secrets.sh, with a folder `scheduler/` more: the one key that the scheduler has.
# The steps, all of them in this order where none is named: ready, kibana_system, newsroom, keys.
#
# Each step may run any number of times and be killed at any moment. A key whose file is there and which Elasticsearch
# still knows is kept, with the privileges that roles/ says now; of a key without its file nobody has the secret, so it is
# invalidated and made anew.
set -euo pipefail
umask 077

url=${1:?usage: security.sh URL ROOT [STEP...]}
root=${2:?usage: security.sh URL ROOT [STEP...]}
shift 2
roles=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/roles
readonly OURS=10001 # the user of our image
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# call CREDENTIAL METHOD PATH: sends standard input where there is any; the answer goes to $work/answer and its status is
# printed. A credential is a line of curl's own configuration, so that no secret stands in the list of processes.
call() {
  local credential=$1 method=$2 path=$3
  local -a body=()
  if [ "$method" != GET ]; then body=(--header "Content-Type: application/json" --data-binary @-); fi
  curl --silent --show-error --config <(printf '%s\n' "$credential") --cacert "$root/ca/ca.crt" \
    --retry 30 --retry-delay 2 --retry-connrefused --max-time 60 \
    --request "$method" "${body[@]}" --output "$work/answer" --write-out '%{http_code}' "$url$path"
}

# elastic METHOD PATH: the same as the superuser.
elastic() {
  call "user = \"elastic:$(cat "$root/elasticsearch/elastic.password")\"" "$@"
}

# as_elastic METHOD PATH: as the superuser; ends with a sentence where the status is neither 200 nor 201.
as_elastic() {
  local status
  status=$(elastic "$@")
  case $status in
    200 | 201) ;;
    *) refused "$status" "$@" ;;
  esac
}

# is_there PATH: whether there is such a thing; ends with a sentence where that cannot be told.
is_there() {
  local status
  status=$(elastic GET "$1")
  case $status in
    200) return 0 ;;
    404) return 1 ;;
    *) refused "$status" GET "$1" ;;
  esac
}

# refused STATUS METHOD PATH: says why, and ends.
refused() {
  if [ "$1" = 401 ]; then
    echo "Elasticsearch does not know this password of 'elastic': its data was made with other secrets." \
      "Bring back the volumes that belong together, or remove them all (the archive has everything)." >&2
  else
    echo "Elasticsearch answered $1 to $2 $3: $(head -c 500 "$work/answer")" >&2
  fi
  exit 1
}

# keep FILE OWNER: standard input becomes FILE, in one step.
keep() {
  rm -f "$1.new" # of a run that was killed
  cat >"$1.new"
  chmod 400 "$1.new"
  if [ "$(id -u)" = 0 ]; then chown "$2" "$1.new"; fi
  mv -f "$1.new" "$1"
}

# Until the first shard of the security index can be asked, passwords and keys cannot be set.
ready() {
  as_elastic GET "/_cluster/health?wait_for_status=yellow&timeout=50s"
  echo "Elasticsearch answers."
}

kibana_system() {
  printf '{"password":"%s"}' "$(cat "$root/kibana/kibana_system.password")" |
    as_elastic POST /_security/user/kibana_system/_password
  echo "Kibana's own password is set."
}

# A role that reads the news and uses Kibana, and one user who has it. A user who is there is left alone: the password may
# have been changed since.
newsroom() {
  local file=$root/secrets/newsroom.password
  as_elastic PUT /_security/role/kliping_newsroom <"$roles/newsroom.json"
  [ -s "$file" ] || head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' | keep "$file" 0:0
  if is_there /_security/user/newsroom; then return; fi
  printf '{"password":"%s","roles":["kliping_newsroom"],"full_name":"Newsroom"}' "$(cat "$file")" |
    as_elastic PUT /_security/user/newsroom
  echo "Made the user newsroom."
}

# key NAME FILE OWNER: an API key with the privileges of roles/NAME.json, its encoded form in FILE.
key() {
  local name=$1 file=$2 owner=$3 encoded status=missing
  if [ -s "$file" ]; then
    status=$(call "header = \"Authorization: ApiKey $(cat "$file")\"" GET /_security/_authenticate)
  fi
  case $status in
    200)
      as_elastic PUT "/_security/api_key/$(base64 -d <"$file" | cut -d: -f1)" <"$roles/$name.json"
      ;;
    missing | 401)
      printf '{"name":"kliping-%s"}' "$name" | as_elastic DELETE /_security/api_key
      { printf '{"name":"kliping-%s",' "$name" && tail -c +2 "$roles/$name.json"; } |
        as_elastic POST /_security/api_key
      encoded=$(sed -n 's/.*"encoded" *: *"\([^"]*\)".*/\1/p' "$work/answer")
      [ -n "$encoded" ] || refused 200 POST /_security/api_key
      printf '%s' "$encoded" | keep "$file" "$owner"
      echo "Made the API key $name."
      ;;
    *) refused "$status" GET /_security/_authenticate ;;
  esac
}

keys() {
  key indexer "$root/scheduler/indexer.key" "$OURS:$OURS"
  key reindexer "$root/secrets/reindexer.key" "$OURS:$OURS"
  key reader "$root/secrets/reader.key" "$OURS:$OURS"
  key importer "$root/secrets/importer.key" "$OURS:$OURS"
  echo "The API keys are there."
}

mkdir -p "$root/secrets" "$root/scheduler"
chmod 711 "$root/secrets" # each of our one-shots reads the one file that is its own
chmod 755 "$root/scheduler"
[ $# -gt 0 ] || set -- ready kibana_system newsroom keys
for step; do
  case $step in
    ready | kibana_system | newsroom | keys) "$step" ;;
    *) echo "There is no step $step." >&2 && exit 2 ;;
  esac
done
