"""What was done on this machine for each role, so that it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.install.plan import Order

FOLDER = Path("/var/lib/numerek-install")


@dataclass
class Record:
    """An installation: what was ordered, and what was not there before.

    `packages` are the Debian packages that came with it, `masked` the units that were not masked before;
    `copied` is whether the folder of programs is a copy of ours.
    """

    role: str
    server_url: str
    clerk: str = ""
    office: str | None = None
    packages: list[str] = field(default_factory=list)
    masked: list[str] = field(default_factory=list)
    copied: bool = False

    def order(self) -> Order:
        """Give the order again, without its one-time code."""
        return Order(
            self.role, self.server_url, clerk=self.clerk, office=Path(self.office) if self.office else None
        )


def file_of(root: Path, role: str) -> Path:
    """Name the file of a role's record on the system below `root`."""
    return root / FOLDER.relative_to("/") / f"{role}.json"


def read(root: Path, role: str) -> Record | None:
    """Read a role's record; None when it was not installed by this command."""
    try:
        told: Mapping[str, object] = json.loads(file_of(root, role).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return Record(**told)  # type: ignore[arg-type]  # as `write` wrote it


def write(root: Path, record: Record) -> None:
    """Keep a record, whole or as it was."""
    file = file_of(root, record.role)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(json.dumps(asdict(record), indent=1) + "\n", "utf-8")
    fresh.replace(file)


def forget(root: Path, role: str) -> None:
    """Forget a role, and the folder of records after the last one.

    What came with it and goes with the last role only is noted for one that is left.
    """
    file, kept = file_of(root, role), read(root, role)
    heir = next((read(root, name) for name in others(root, role)), None)
    if kept is not None and heir is not None:
        heir.packages = sorted({*heir.packages, *kept.packages})
        heir.copied = heir.copied or kept.copied
        write(root, heir)
    file.unlink(missing_ok=True)
    if not any(file.parent.iterdir()):
        file.parent.rmdir()


def others(root: Path, role: str) -> list[str]:
    """List the other roles that are installed here."""
    folder = file_of(root, role).parent
    return sorted(file.stem for file in folder.glob("*.json") if file.stem != role)
