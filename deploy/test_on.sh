#!/usr/bin/env bash
# Both commands in a bare Debian of another release: `numerek test --on trixie [...]`, as root, before a release; with
# `--install` behind the release the installation of server, kiosk, board and counter instead (deploy/install/trial.sh); with `--package`
# the Debian package is made there and tried in a second bare Debian (deploy/debian/trial.sh).
# What was committed last is tested. All mounts are made in a namespace of their own and end with it, whatever
# happens, so the folder can be removed without touching anything that was mounted into it.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf 'numerek: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# The address from which this machine's own apt takes Debian.
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 'Created-By: Packages' | head -n 1; }

check_this_machine() {
    local program
    [ "$(id -u)" = 0 ] || die "test --on makes a whole Debian in a folder: only root can"
    for program in debootstrap unshare git; do
        command -v "$program" >/dev/null || die "$program is missing: apt-get install $program"
    done
    [ -n "$(mirror)" ] || die "apt names no Debian mirror: run apt-get update"
    [ -z "$(git -C "$source" status --porcelain)" ] || say "changes that are not committed are not tested"
}

# make_folder RELEASE ROOT: a bare Debian with the last commit, and this machine's way to the network.
make_folder() {
    local release=$1 root=$2 file
    say "making a bare $release in $root, which takes some minutes"
    debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,git,systemd \
        "$release" "$root" "$(mirror)" >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2 && die "debootstrap failed"; }
    mkdir -p "$root/usr/local/share/ca-certificates"
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /usr/local/share/ca-certificates/*.crt; do
        [ ! -e "$file" ] || cp --dereference "$file" "$root$file"
    done
    git clone --quiet --no-local "$source" "$root/srv/numerek"
}

enter() { # ROOT ARGUMENTS...
    env -u TMPDIR LANG=C.UTF-8 unshare --mount --pid --fork --kill-child bash "${BASH_SOURCE[0]}" --inside "$@"
}

# try_package ROOT: made in one Debian, tried in a copy from before anything was set up in it.
try_package() {
    local root=$1 clean=$1.clean made=${TMPDIR:-/tmp}/numerek-$release-package
    cp -a "$root" "$clean"
    enter "$root" --make || return # `set -e` does not hold where somebody asks for the outcome
    mkdir "$clean/srv/release"
    mv "$root"/tmp/release/* "$clean/srv/numerek"/deploy/{demo/office.toml,debian/trial.sh} "$clean/srv/release"
    rm -rf "$clean/srv/numerek"
    enter "$clean" --try || return
    mkdir -p "$made"
    cp "$clean"/srv/release/numerek_* "$made"
    say "the package and its list are in $made"
}

# Runs as the first process of the namespaces: what it starts and mounts ends with it.
inside() {
    local root=$1
    shift
    mount --make-rprivate /
    mount --bind "$root" "$root"   # namespaces of the network are entered from a root that is mounted
    mount -t proc proc "$root/proc"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
    ln -sf pts/ptmx "$root/dev/ptmx"
    mkdir -p "$root/dev/shm"
    mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
    exec chroot "$root" /bin/bash -euc '
        export HOME=~root
        update-ca-certificates >/dev/null 2>&1
        [ "${1:-}" != --try ] || exec bash /srv/release/trial.sh
        cd /srv/numerek
        [ "${1:-}" != --make ] || exec ./numerek package --out /tmp/release
        [ "${1:-}" != --install ] || exec bash deploy/install/trial.sh
        ./numerek setup --test
        ./numerek demo --headless --out /tmp/demo
        ./numerek test "$@"' numerek "$@"
}

if [ "${1:-}" = --inside ]; then
    inside "${@:2}"
fi
release=${1:-}
[ $# -eq 0 ] || shift
[[ $release =~ ^[a-z]+$ ]] || die "test --on wants the name of a Debian release, such as trixie"
check_this_machine
folder=$(mktemp -d "${TMPDIR:-/tmp}/numerek-$release.XXXXXX")
trap 'rm -rf --one-file-system "$folder"' EXIT
make_folder "$release" "$folder/root"
status=0
if [ "${1:-}" = --package ]; then
    try_package "$folder/root" || status=$?
else
    enter "$folder/root" "$@" || status=$?
fi
for picture in "$folder/root/tmp"/first-screen-*.png; do
    [ ! -s "$picture" ] || cp "$picture" "${TMPDIR:-/tmp}/numerek-$release-${picture##*first-screen-}"
done
[ "$status" = 0 ] && say "it passes on $release"
exit "$status"
