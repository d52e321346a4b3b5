#!/usr/bin/env bash
# Starts Kibana with its secrets from files: kibana.yml names them as ${...}, and neither the compose file nor the list
# of processes shows them.
set -euo pipefail

KIBANA_SYSTEM_PASSWORD=$(cat /kliping/kibana/kibana_system.password)
KIBANA_ENCRYPTION_KEY=$(cat /kliping/kibana/encryption.key)
export KIBANA_SYSTEM_PASSWORD KIBANA_ENCRYPTION_KEY
exec /usr/local/bin/kibana-docker
