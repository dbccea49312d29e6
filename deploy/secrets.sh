#!/bin/sh
# Makes the secrets of compose.yaml, each once, and a certificate that signs itself, for trying out: put the real one in nginx/certs.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets nginx/certs

make_secret() {
	[ -s "secrets/$1" ] || openssl rand -hex "$2" | tr -d '\n' > "secrets/$1"
}
make_secret mysql_password 24
make_secret mysql_root_password 24
make_secret grafana_password 16
make_secret secret_key 32
make_secret backup_key 32
[ -s secrets/database_url ] || printf 'mysql://zhibu:%s@mysql:3306/zhibu' "$(cat secrets/mysql_password)" > secrets/database_url

if [ ! -s nginx/certs/privkey.pem ]; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=${1:-localhost}" -addext "subjectAltName=DNS:${1:-localhost}" \
		-keyout nginx/certs/privkey.pem -out nginx/certs/fullchain.pem 2>/dev/null
	echo "a certificate that signs itself is in nginx/certs: WeChat will not accept it"
fi

# Each file is shown to containers whose user is not its owner; the folder keeps it from the other users of this machine.
chmod 644 secrets/*
echo "secrets/ is ready. Keep copies of secret_key and backup_key somewhere else, apart from the backups."
