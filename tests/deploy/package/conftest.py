"""A release with a few of the libraries: all of them together are a gigabyte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.package.__main__ import LOCKS, make, source_of
from deploy.package.tree import Source
from tests.house.tracked import ROOT, tracked_files

FEW = ("itsdangerous", "markupsafe", "zbar-py")


@pytest.fixture(scope="session")
def few() -> Source:
    """Give the project of the last commit with a few locked libraries."""
    tracked_files()  # skips where there is no git
    return source_of(ROOT, "\n".join(line_of(name) for name in FEW))


@pytest.fixture(scope="session")
def release(few: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a release in a folder."""
    out = tmp_path_factory.mktemp("release")
    make(few, out)
    return out


def line_of(name: str) -> str:
    """Give a library's line of the lock."""
    found = re.search(rf"(?m)^{re.escape(name)}==.*$", LOCKS[0].read_text())
    assert found, name
    return found[0]
