#!/usr/bin/env bash
# The Debian package on a bare Debian: `numerek test --on RELEASE --package` runs this as root in a folder of that
# release. Installed by apt, the server answers, a kiosk enrols and shows its start; another version of the package
# keeps data and roles; removed, data and settings stay; purged, nothing does.
set -euo pipefail
cd /srv/release
port=48081 # the folder shares the network of the machine
url=http://127.0.0.1:$port
package=$(ls ./*.deb)
server=

say() { printf '== %s\n' "$*" >&2; }
apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" >/tmp/apt.log 2>&1 || { tail -n 40 /tmp/apt.log >&2 && return 1; }
}
as() { # as ACCOUNT MODULE...: an installed program as its unit runs it
    env -C /opt/numerek runuser -u "$1" -- env HOME="/var/lib/$1" QT_QPA_PLATFORM=offscreen \
        NUMEREK_CONFIG=/etc/numerek/config.toml .venv/bin/python -m "${@:2}"
}
answer() { python3 -c "import urllib.request as r; print(r.urlopen('$url/$1').read().decode())" 2>/dev/null; }
start_server() {
    env -C /opt/numerek setpriv --reuid numerek --regid numerek --clear-groups env HOME=/var/lib/numerek \
        NUMEREK_CONFIG=/etc/numerek/config.toml .venv/bin/python -m server &
    server=$!
    for _ in {1..60}; do
        answer readyz && return
        sleep 1
    done
    say "the server does not answer"
    return 1
}
stop_server() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait "$server" || true
    server=
}
traces() { find / -xdev -name '*numerek*' -not -path '/srv/*' -not -path '/proc/*' -not -path '/tmp/*'; }

apt update
say "apt install $package"
apt install "$package"
numerek --version
mkdir -p /etc/numerek
sed "s/^port = 8080$/port = $port/" /opt/numerek/config.toml >/etc/numerek/config.toml
numerek install server --server "$url" --office /srv/release/office.toml
trap stop_server EXIT
start_server
code=$(as numerek server.admin device add kiosk --branch wroclaw --hall A | sed -n 's/^    \([A-Z0-9-]*\)$/\1/p')
numerek install kiosk --server "$url" --enrol "$code"
install -m 666 /dev/null /tmp/first-screen.png
as numerek-kiosk deploy.install.first_screen kiosk /tmp/first-screen.png
[ -s /tmp/first-screen.png ]
say "the server answers, the kiosk enrolled and shows its start"
stop_server

say "another version"
key=$(sha256sum /var/lib/numerek/numerek.key)
rm /etc/systemd/system/numerek-server.service # comes again with the version
dpkg-deb -R "$package" /tmp/next
sed -i 's/^Version: .*/&.1/' /tmp/next/DEBIAN/control
echo "# newer" >>/tmp/next/opt/numerek/deploy/systemd/numerek-kiosk.service
dpkg-deb --root-owner-group -Znone --build /tmp/next /tmp/next.deb >/dev/null
rm -r /tmp/next
apt install /tmp/next.deb
[ -e /etc/systemd/system/numerek-server.service ]
grep -q "# newer" /etc/systemd/system/numerek-kiosk.service
[ "$key" = "$(sha256sum /var/lib/numerek/numerek.key)" ]
start_server
as numerek server.admin device list | grep -q kiosk
stop_server

say "removed: data and settings stay"
apt remove numerek
[ -e /var/lib/numerek/numerek.key ] && [ -e /var/lib/numerek-kiosk/token ] && [ -e /etc/numerek/config.toml ]
[ ! -e /opt/numerek ] && [ ! -e /etc/systemd/system/numerek-server.service ]
say "purged"
apt purge numerek
[ -z "$(traces)" ] || { say "left behind:" && traces >&2 && exit 1; }
say "nothing is left behind"
