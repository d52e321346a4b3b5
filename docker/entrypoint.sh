#!/bin/sh
# Runs a command of ours with the API key that stands in $API_KEY_FILE, where one is named.
set -eu

if [ -n "${API_KEY_FILE:-}" ]; then
  KLIPING_ELASTICSEARCH_API_KEY=$(cat "$API_KEY_FILE")
  export KLIPING_ELASTICSEARCH_API_KEY
fi
exec "$@"
