#!/usr/bin/env bash
# Starts Kibana with its secrets from files. kibana.yml refers to them as ${...}, so that they are neither in the compose
# file nor in the list of processes.
set -euo pipefail

KIBANA_SYSTEM_PASSWORD=$(cat /kliping/kibana/kibana_system.password)
KIBANA_ENCRYPTION_KEY=$(cat /kliping/kibana/encryption.key)
export KIBANA_SYSTEM_PASSWORD KIBANA_ENCRYPTION_KEY
exec /usr/local/bin/kibana-docker
