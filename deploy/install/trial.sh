#!/usr/bin/env bash
# An office on one bare Debian, from nothing to nothing: `numerek test --on RELEASE --install` runs this as root in a
# folder of that release, which it changes as any machine: server and kiosk are installed, the kiosk enrols with a code
# and shows its start, and both are taken back until no trace of them is left.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
port=48080 # the folder shares the network of the machine
url=http://127.0.0.1:$port
picture=${1:-/tmp/first-screen.png}

say() { printf '== %s\n' "$*" >&2; }
as() { # as ACCOUNT MODULE...: an installed program as its unit runs it
    env -C /opt/numerek runuser -u "$1" -- env HOME="/var/lib/$1" QT_QPA_PLATFORM=offscreen \
        NUMEREK_CONFIG=/etc/numerek/config.toml .venv/bin/python -m "${@:2}"
}
stop_server() { # by its own file: what was started above is only what started it
    python3 -c 'import os, pathlib, signal
for place in pathlib.Path("/proc").glob("[0-9]*"):
    if b"-m\0server\0" in (place / "cmdline").read_bytes():
        os.kill(int(place.name), signal.SIGTERM)'
    wait "$server" || true
}
traces() { find / -xdev -name '*numerek*' -not -path '/srv/*' -not -path '/proc/*' -not -path '/tmp/*'; }

mkdir -p /etc/numerek
sed "s/^port = 8080$/port = $port/" config.toml >/etc/numerek/config.toml
say "the server, twice"
./numerek install server --server "$url" --office deploy/demo/office.toml
./numerek install server --server "$url" --office deploy/demo/office.toml
as numerek server &
server=$!
trap stop_server EXIT
for _ in {1..60}; do
    python3 -c "import urllib.request as r; r.urlopen('$url/readyz')" 2>/dev/null && break
    sleep 1
done
say "the kiosk, twice with the same code"
code=$(as numerek server.admin device add kiosk --branch wroclaw --hall A | sed -n 's/^    \([A-Z0-9-]*\)$/\1/p')
./numerek install kiosk --server "$url" --enrol "$code"
./numerek install kiosk --server "$url" --enrol "$code"
[ "$(stat -c '%a %U' /var/lib/numerek-kiosk/token)" = "600 numerek-kiosk" ]
install -m 666 /dev/null "$picture"
as numerek-kiosk deploy.install.first_screen "$picture"
[ -s "$picture" ]
say "the kiosk shows its start: $picture"
stop_server
./numerek uninstall kiosk
[ -e /var/lib/numerek-kiosk/token ] && [ -e /opt/numerek/numerek ]
./numerek install kiosk --server "$url" # data that stayed is found again
./numerek uninstall kiosk --purge
./numerek uninstall server --purge
[ -z "$(traces)" ] || { say "left behind:" && traces >&2 && exit 1; }
say "nothing is left behind"
