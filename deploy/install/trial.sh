#!/usr/bin/env bash
# An office on one bare Debian, from nothing to nothing: `numerek test --on RELEASE --install` runs this as root in a
# folder of that release, which it changes as any machine: a server, a kiosk, a board and a counter are installed, each
# twice; the three enrol with a code and show their start; all are taken back until no trace of them is left.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
port=48080 # the folder shares the network of the machine
url=http://127.0.0.1:$port
clerk=anna
screens="kiosk board counter"

say() { printf '== %s\n' "$*" >&2; }
as() { # as ACCOUNT MODULE...: an installed program as its unit runs it
    env -C /opt/numerek runuser -u "$1" -- env HOME="$(getent passwd "$1" | cut -d: -f6)" QT_QPA_PLATFORM=offscreen \
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
useradd --create-home "$clerk"
more() { [ "$1" != counter ] || echo "--user $clerk"; }
owner() { [ "$1" = counter ] && echo "$clerk" || echo "numerek-$1"; }
for role in $screens; do
    say "the $role, twice with the same code"
    at=$([ "$role" != counter ] || echo "--counter 3")
    # shellcheck disable=SC2046,SC2086 # words of their own
    code=$(as numerek server.admin device add "$role" --branch wroclaw --hall A $at | sed -n 's/^    \([A-Z0-9-]*\)$/\1/p')
    for _ in 1 2; do
        # shellcheck disable=SC2046
        ./numerek install "$role" --server "$url" --enrol "$code" $(more "$role")
    done
    [ "$(stat -c '%a %U' "/var/lib/numerek-$role/token")" = "600 $(owner "$role")" ]
    install -m 666 /dev/null "/tmp/first-screen-$role.png"
    as "$(owner "$role")" deploy.install.first_screen "$role" "/tmp/first-screen-$role.png"
    [ -s "/tmp/first-screen-$role.png" ]
    say "the $role shows its start: /tmp/first-screen-$role.png"
done
stop_server
for role in $screens; do
    ./numerek uninstall "$role"
    [ -e "/var/lib/numerek-$role/token" ] && [ -e /opt/numerek/numerek ]
    # shellcheck disable=SC2046
    ./numerek install "$role" --server "$url" $(more "$role") # data that stayed is found again
    ./numerek uninstall "$role" --purge
done
./numerek uninstall server --purge
[ -z "$(traces)" ] || { say "left behind:" && traces >&2 && exit 1; }
say "nothing is left behind"
