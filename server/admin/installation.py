"""An installation as commands see it: its settings, its database, its keys and the hour."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from server.admin.failures import OperatorMistake
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView, read_office
from server.services.queue.forecasts import Forecasts
from server.store.errors import StoreUnavailable
from server.store.keyring import Keyring
from server.store.open_store import open_store
from server.store.store import Store
from server.store.write import Work
from wire.settings import ServerSettings

T = TypeVar("T")
_PATIENCE_SECONDS = 15.0
_PAUSE_SECONDS = 0.2
_LONGEST_WORK_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Installation:
    """An opened installation; a server may run beside it."""

    settings: ServerSettings
    store: Store
    keys: Keyring

    def context(self) -> Context:
        """Take the circumstances of a use case; estimates play no part in commands."""
        office = self.store.read(read_office)
        return Context(datetime.now(UTC), office, Forecasts(), self.keys, self.settings.public_url)

    def write(self, work: Work[T]) -> T:
        """Run the work as one transaction; beside a busy server again for a while.

        Raises StoreUnavailable, and what the work raises; nothing was changed then.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self.store.write(work)
            except StoreUnavailable as unavailable:
                if unavailable.reason != "database_busy" or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)


@contextmanager
def opened(settings: ServerSettings) -> Iterator[Installation]:
    """Open the installation that the settings name. Raises KeyFileError, OperatorMistake."""
    refuse_foreign_account(settings.data_dir)
    store, keys = open_store(settings, answer_seconds=_LONGEST_WORK_SECONDS)
    try:
        yield Installation(settings, store, keys)
    finally:
        store.close()


def refuse_foreign_account(folder: Path) -> None:
    """Raise OperatorMistake for root in another account's folder: its server could not write what root leaves."""
    if os.geteuid() != 0 or not folder.exists() or (owner := folder.stat().st_uid) == 0:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    raise OperatorMistake(f"{folder} belongs to {name}: run this as that account, with `sudo -u {name} …`.")


def branch_of(context: Context, code: str) -> BranchView:
    """Find a branch by its code. Raises OperatorMistake that lists those there are."""
    branch = context.office.branch_named(code)
    if branch is None:
        known = ", ".join(each.code for each in context.office.branches.values())
        there = f"there are {known}" if known else "there is none yet: `numerek admin office FILE` makes them"
        raise OperatorMistake(f"there is no branch '{code}'; {there}.")
    return branch


def service_of(branch: BranchView, letter: str) -> ServiceView:
    """Find a service of a branch by its letter. Raises OperatorMistake that lists those there are."""
    service = branch.services.get(letter)
    if service is None:
        raise OperatorMistake(
            f"{branch.code} has no service '{letter}'; there are {', '.join(branch.services)}."
        )
    return service
