#!/bin/sh
# Runs a command with the API key from the file $API_KEY_FILE, if that is set.
set -eu

if [ -n "${API_KEY_FILE:-}" ]; then
  KLIPING_ELASTICSEARCH_API_KEY=$(cat "$API_KEY_FILE")
  export KLIPING_ELASTICSEARCH_API_KEY
fi
exec "$@"
