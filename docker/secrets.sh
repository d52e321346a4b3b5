#!/usr/bin/env bash
# Makes what the services authenticate with: a certificate authority, Elasticsearch's certificate, passwords.
#
#   secrets.sh ROOT [HOST]
#
# ROOT has a folder for each reader, each a volume in docker-compose.yml:
#   secrets/        the authority's key; for root only
#   ca/             the authority's certificate; for all
#   elasticsearch/  its key, certificate and the password of `elastic`; for uid 1000, the user of its image
#   kibana/         the password of `kibana_system` and Kibana's encryption key; for uid 1000 too
# HOST is the name by which the other services reach Elasticsearch.
#
# Valid files are kept, so this may run any number of times. Every file is written in one step, so this may be killed at
# any moment. A certificate with less than 30 days left is renewed.
set -euo pipefail
umask 077

root=${1:?usage: secrets.sh ROOT [HOST]}
host=${2:-elasticsearch}
readonly MONTH=$((30 * 24 * 3600)) ELASTIC_UID=1000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# keep FILE MODE OWNER: writes standard input to FILE, in one step.
keep() {
  local new=$1.new
  rm -f "$new" # left by a killed run
  cat >"$new"
  chmod "$2" "$new"
  if [ "$(id -u)" = 0 ]; then chown "$3" "$new"; fi
  mv -f "$new" "$1"
}

# password FILE OWNER: 192 random bits in hexadecimal; an existing one is kept.
password() {
  [ -s "$1" ] || openssl rand -hex 24 | tr -d '\n' | keep "$1" 400 "$2"
}

# private_key FILE OWNER
private_key() {
  openssl pkey -in "$1" -noout 2>/dev/null ||
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | keep "$1" 400 "$2"
}

# matches CERTIFICATE KEY: whether they belong together and the certificate is valid for 30 days.
matches() {
  openssl x509 -in "$1" -noout -checkend "$MONTH" >/dev/null 2>&1 &&
    [ "$(openssl x509 -in "$1" -noout -pubkey)" = "$(openssl pkey -in "$2" -pubout)" ]
}

authority() {
  private_key "$root/secrets/ca.key" 0:0
  matches "$root/ca/ca.crt" "$root/secrets/ca.key" && return
  openssl req -x509 -new -key "$root/secrets/ca.key" -sha256 -days 3650 -subj "/CN=Kliping's own authority" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -out "$work/ca.crt"
  keep "$root/ca/ca.crt" 444 0:0 <"$work/ca.crt"
  echo "Made a certificate authority."
}

certificate() {
  local key=$root/elasticsearch/tls.key crt=$root/elasticsearch/tls.crt
  private_key "$key" "$ELASTIC_UID:0"
  if matches "$crt" "$key" && openssl verify -CAfile "$root/ca/ca.crt" -verify_hostname "$host" "$crt" >/dev/null 2>&1
  then return; fi
  openssl req -new -key "$key" -subj "/CN=$host" -out "$work/tls.csr"
  cat >"$work/extensions" <<EXTENSIONS
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
subjectAltName=DNS:$host,DNS:localhost,IP:127.0.0.1
EXTENSIONS
  openssl x509 -req -in "$work/tls.csr" -CA "$root/ca/ca.crt" -CAkey "$root/secrets/ca.key" -sha256 -days 825 \
    -set_serial "0x$(openssl rand -hex 16)" -extfile "$work/extensions" -out "$work/tls.crt" 2>/dev/null
  keep "$crt" 444 "$ELASTIC_UID:0" <"$work/tls.crt"
  echo "Made a certificate for $host."
}

for folder in secrets ca elasticsearch kibana; do mkdir -p "$root/$folder"; done
chmod 755 "$root/ca" "$root/elasticsearch" "$root/kibana"
authority
certificate
password "$root/elasticsearch/elastic.password" "$ELASTIC_UID:0"
password "$root/kibana/kibana_system.password" "$ELASTIC_UID:0"
password "$root/kibana/encryption.key" "$ELASTIC_UID:0"
echo "Certificates and passwords are ready."
