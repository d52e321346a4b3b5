#!/usr/bin/env bash
# Sets up Elasticsearch's users and keys: the password of kibana_system, the newsroom's role and user, the API keys.
#
#   security.sh URL ROOT [STEP...]
#
# URL is Elasticsearch's. ROOT is as in secrets.sh, with two more folders, `scheduler/` and `room/`, each for the only
# key of that service.
# Steps, by default all in this order: ready, kibana_system, newsroom, keys.
#
# Each step may run any number of times and be killed at any moment. A key with a file that Elasticsearch still accepts is
# kept and gets the present privileges of roles/. The secret of a key without a file is lost, so the key is invalidated
# and made again.
set -euo pipefail
umask 077

url=${1:?usage: security.sh URL ROOT [STEP...]}
root=${2:?usage: security.sh URL ROOT [STEP...]}
shift 2
roles=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/roles
readonly OURS=10001 # the user of our image
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# call CREDENTIAL METHOD PATH: sends standard input unless METHOD is GET, writes the answer to $work/answer and prints its
# status. CREDENTIAL is a line of curl's configuration, so that no secret is in the list of processes.
call() {
  local credential=$1 method=$2 path=$3
  local -a body=()
  if [ "$method" != GET ]; then body=(--header "Content-Type: application/json" --data-binary @-); fi
  curl --silent --show-error --config <(printf '%s\n' "$credential") --cacert "$root/ca/ca.crt" \
    --retry 30 --retry-delay 2 --retry-connrefused --max-time 60 \
    --request "$method" "${body[@]}" --output "$work/answer" --write-out '%{http_code}' "$url$path"
}

# elastic METHOD PATH: calls as the superuser.
elastic() {
  call "user = \"elastic:$(cat "$root/elasticsearch/elastic.password")\"" "$@"
}

# as_elastic METHOD PATH: calls as the superuser; exits with an error message unless the status is 200 or 201.
as_elastic() {
  local status
  status=$(elastic "$@")
  case $status in
    200 | 201) ;;
    *) refused "$status" "$@" ;;
  esac
}

# exists PATH: whether it exists; exits with an error message if the status is neither 200 nor 404.
exists() {
  local status
  status=$(elastic GET "$1")
  case $status in
    200) return 0 ;;
    404) return 1 ;;
    *) refused "$status" GET "$1" ;;
  esac
}

# refused STATUS METHOD PATH: prints the reason and exits.
refused() {
  if [ "$1" = 401 ]; then
    echo "Elasticsearch refuses the password of 'elastic': its data was made with other secrets." \
      "Restore the volumes that belong together, or remove all but 'archive', which has everything." >&2
  else
    echo "Elasticsearch answered $1 to $2 $3: $(head -c 500 "$work/answer")" >&2
  fi
  exit 1
}

# keep FILE OWNER: writes standard input to FILE, in one step.
keep() {
  rm -f "$1.new" # left by a killed run
  cat >"$1.new"
  chmod 400 "$1.new"
  if [ "$(id -u)" = 0 ]; then chown "$2" "$1.new"; fi
  mv -f "$1.new" "$1"
}

# Passwords and keys can be set only when the security index is available.
ready() {
  as_elastic GET "/_cluster/health?wait_for_status=yellow&timeout=50s"
  echo "Elasticsearch is ready."
}

kibana_system() {
  printf '{"password":"%s"}' "$(cat "$root/kibana/kibana_system.password")" |
    as_elastic POST /_security/user/kibana_system/_password
  echo "The password of kibana_system is set."
}

# A role that reads the news and uses Kibana, and one user with it. An existing user is not changed: the password may be
# the user's own by now.
newsroom() {
  local file=$root/secrets/newsroom.password
  as_elastic PUT /_security/role/kliping_newsroom <"$roles/newsroom.json"
  [ -s "$file" ] || head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' | keep "$file" 0:0
  if exists /_security/user/newsroom; then return; fi
  printf '{"password":"%s","roles":["kliping_newsroom"],"full_name":"Newsroom"}' "$(cat "$file")" |
    as_elastic PUT /_security/user/newsroom
  echo "Made the user newsroom."
}

# key NAME FILE OWNER: makes an API key with the privileges of roles/NAME.json; FILE gets its encoded form.
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
  rm -f "$root/secrets/reader.key" # where it was before there was a reading room; its key is made again
  key reader "$root/room/reader.key" "$OURS:$OURS"
  key importer "$root/secrets/importer.key" "$OURS:$OURS"
  echo "The API keys are ready."
}

mkdir -p "$root/secrets" "$root/scheduler" "$root/room"
chmod 711 "$root/secrets" # each of our services reads its own file there
chmod 755 "$root/scheduler" "$root/room"
[ $# -gt 0 ] || set -- ready kibana_system newsroom keys
for step; do
  case $step in
    ready | kibana_system | newsroom | keys) "$step" ;;
    *) echo "There is no step $step: write ready, kibana_system, newsroom or keys." >&2 && exit 2 ;;
  esac
done
