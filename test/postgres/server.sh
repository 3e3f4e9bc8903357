#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL server of its own in a folder, on a Unix socket there, until standard input ends (so that it ends with
# whoever started it, however that ends). Prints "ready" when it takes connections as user `postgres`.
#
#   server.sh FOLDER [SETTING=VALUE…]
set -euo pipefail

folder=$1
shift
bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -1)
[[ -n $bin ]] || { echo "PostgreSQL is not installed (Debian package postgresql)" >&2; exit 1; }

# The server refuses to run as root.
owner=()
[[ $(id -u) != 0 ]] || owner=(setpriv --reuid=postgres --regid=postgres --clear-groups)

mkdir -p "$folder"
[[ $(id -u) != 0 ]] || chown postgres: "$folder"
cd "$folder"
settings=(-c listen_addresses= -c "unix_socket_directories=$folder" -c max_connections=200)
for setting in "$@"; do settings+=(-c "$setting"); done
[[ -d data ]] || "${owner[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >initdb.log 2>&1 ||
  { cat initdb.log >&2; exit 1; }
"${owner[@]}" "$bin/postgres" -D "$folder/data" "${settings[@]}" >server.log 2>&1 </dev/null &
server=$!
stop() {
  kill -INT "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 143' TERM INT HUP
for ((i = 0; i < 600; i++)); do
  "$bin/pg_isready" -q -h "$folder" -U postgres && break
  kill -0 "$server" 2>/dev/null || { cat server.log >&2; exit 1; }
  sleep 0.05
done
echo ready
cat >/dev/null
