"""The Debian package around the files: what it is, what it needs, and what apt runs with it."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from pathlib import Path

from deploy.package.tree import Source

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
# What installs a role beside the programs: accounts, and a shell's view of another account.
FOR_INSTALLING = ("systemd", "passwd", "util-linux")


def architecture() -> str:
    """Name this machine's kind as Debian does."""
    return subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    ).stdout.strip()


def release() -> str:
    """Name the Debian whose Python the libraries were built for: deb12."""
    told = platform.freedesktop_os_release()
    return f"{'deb' if told['ID'] == 'debian' else told['ID']}{told.get('VERSION_ID', '')}"


def needs(source: Source) -> list[str]:
    """List the Debian packages that every role needs, and the Python of the libraries."""
    lines = source.git("show", "HEAD:deploy/requirements/apt.txt").decode().splitlines()
    listed = {name for line in lines if (name := line.partition("#")[0].strip())}
    return sorted({*listed, *FOR_INSTALLING, f"python{source.python}"})


def pack(root: Path, source: Source, version: str, out: Path) -> Path:
    """Make the package of the files below `root` in the folder `out`, and name it."""
    control = root / "DEBIAN"
    control.mkdir()
    kilobytes = sum(-(-file.lstat().st_size // 1024) for file in root.rglob("*"))
    fields = {
        "@VERSION@": f"{version}+{release()}",
        "@ARCHITECTURE@": architecture(),
        "@SIZE@": str(kilobytes),
        "@DEPENDS@": ", ".join(needs(source)),
    }
    text = source.git("show", "HEAD:deploy/debian/control").decode()
    for name, value in fields.items():
        text = text.replace(name, value)
    (control / "control").write_text(text)
    (control / "md5sums").write_text("".join(_sums(root)))
    for name in SCRIPTS:
        (control / name).write_bytes(source.git("show", f"HEAD:deploy/debian/{name}"))
        (control / name).chmod(0o755)
    file = out / f"numerek_{fields['@VERSION@']}_{fields['@ARCHITECTURE@']}.deb"
    # One thread: the bytes of several depend on how many there are.
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--threads-max=1", "-Zzstd", "-z9", "--build", str(root), str(file)],
        check=True, stdout=subprocess.DEVNULL, env=dict(os.environ, SOURCE_DATE_EPOCH=str(source.moment())),
    )  # fmt: skip
    return file


def _sums(root: Path) -> list[str]:
    """List the files as `dpkg --verify` compares them."""
    found = sorted(
        file
        for file in root.rglob("*")
        if file.is_file() and not file.is_symlink() and "DEBIAN" not in file.parts
    )
    return [
        f"{hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()}  {file.relative_to(root)}\n"
        for file in found
    ]
