"""Checksums of a release, and their signature: `sha256sum` and `ssh-keygen` compare them on any machine."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

SUMS = "SHA256SUMS"
SIGNATURE = f"{SUMS}.sig"
PURPOSE = "numerek-release"
"""What the signature is for: one that the same key gave for something else is none here."""


def write_sums(folder: Path) -> Path:
    """Write the checksums of every file in a folder, also of those that another Debian made."""
    named = sorted(file for file in folder.iterdir() if file.is_file() and file.name not in (SUMS, SIGNATURE))
    lines = (f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in named)
    (folder / SUMS).write_text("".join(lines))
    (folder / SIGNATURE).unlink(missing_ok=True)  # of what stood there before
    return folder / SUMS


def sign(sums: Path, key: Path) -> Path:
    """Sign the checksums with a private key of SSH (a file, or the .pub of one that the agent has).

    Raises CalledProcessError.
    """
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", PURPOSE, str(sums)], check=True)
    return sums.with_name(SIGNATURE)
