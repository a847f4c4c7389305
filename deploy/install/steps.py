"""What an installation consists of: steps that can be told, done, done again without harm, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Packages:
    """Debian packages, by the lists of deploy/requirements that name them."""

    lists: tuple[str, ...]

    def __str__(self) -> str:
        return f"Debian packages of {', '.join(self.lists)}"


@dataclass(frozen=True)
class Answers:
    """The server is there: nobody finds a wrong address after minutes of set-up."""

    url: str

    def __str__(self) -> str:
        return f"{self.url} answers"


@dataclass(frozen=True)
class Stop:
    """Units that must not run while their programs are exchanged, if they run."""

    units: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.units)} stopped if they run"


@dataclass(frozen=True)
class Programs:
    """A copy of the programs, with their environment if it is made already."""

    target: Path

    def __str__(self) -> str:
        return f"programs in {self.target}"


@dataclass(frozen=True)
class SetUp:
    """The Python libraries in the programs' own environment."""

    target: Path

    def __str__(self) -> str:
        return f"Python libraries in {self.target / '.venv'}"


@dataclass(frozen=True)
class Account:
    """An account of the system that only runs a program."""

    name: str
    home: Path

    def __str__(self) -> str:
        return f"account {self.name}"


@dataclass(frozen=True)
class Data:
    """A folder that only the program's account reads."""

    folder: Path
    owner: str

    def __str__(self) -> str:
        return f"data in {self.folder}"


@dataclass(frozen=True)
class Config:
    """Values of config.toml by table and key; what else stands in the file is left alone."""

    file: Path
    values: Mapping[tuple[str, str], object]

    def __str__(self) -> str:
        return f"settings in {self.file}: {', '.join(f'{table}.{key}' for table, key in self.values)}"


@dataclass(frozen=True)
class Command:
    """A program of ours run once as its account; not again when `made` is there."""

    told: str
    account: str
    words: tuple[str, ...]
    made: Path | None = None
    is_needed: bool = True
    """Without it the installation is not whole; else a failure is only told."""

    def __str__(self) -> str:
        return self.told


@dataclass(frozen=True)
class Copy:
    """A file of the project at its place in the system; with `is_edited` what an operator made of it stays."""

    source: Path
    target: Path
    is_edited: bool = False

    def __str__(self) -> str:
        return str(self.target)


@dataclass(frozen=True)
class Mask:
    """A unit of the system that must not start on this machine."""

    unit: str

    def __str__(self) -> str:
        return f"{self.unit} never starts"


@dataclass(frozen=True)
class Enable:
    """Units that start with the machine, and now."""

    units: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.units)} start with the machine"


Step = Packages | Answers | Stop | Programs | SetUp | Account | Data | Config | Command | Copy | Mask | Enable
