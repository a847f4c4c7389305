"""What the docs say it runs on is what the files ask for, and no version is released without its notes."""

from __future__ import annotations

import re
import tomllib

from tests.house.tracked import ROOT
from wire.version import VERSION

INSTALL = (ROOT / "docs/install.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ROW = re.compile(r"(?m)^\| (\d+|none) \| (3\.\d+) \| (\d+) \| ([^|]+) \|$")


def pythons() -> list[str]:
    return sorted(row[1] for row in ROW.findall(INSTALL))


def test_the_matrix_names_the_pythons_that_the_programs_accept() -> None:
    assert pythons() == ["3.11", "3.12", "3.13"]
    first, last = pythons()[0], pythons()[-1]
    after = f"3.{int(last.partition('.')[2]) + 1}"
    assert PROJECT["requires-python"] == f">={first},<{after}"
    told = "Programming Language :: Python :: "
    assert [each.removeprefix(told) for each in PROJECT["classifiers"] if each.startswith(told)] == pythons()
    low, high = (version.replace(".", ", ") for version in (first, after))
    accepted = rf"\({low}\) <= sys\.version_info < \({high}\)"
    for file in ("numerek", "deploy/doctor/machine.py"):
        assert re.search(accepted, (ROOT / file).read_text()), file


def test_what_was_not_tried_is_said() -> None:
    for debian, python, _, how in ROW.findall(INSTALL):
        assert (debian == "none") == ("not tried" in how), python


def test_the_debians_of_the_matrix_are_those_of_the_packages() -> None:
    named = {row[0] for row in ROW.findall(INSTALL)} - {"none"}
    assert set(re.findall(r"\+deb(\d+)", (ROOT / "docs/releasing.md").read_text())) == named


def test_every_version_has_its_changes_and_its_notes() -> None:
    notes = set(re.findall(r"(?m)^### (\d\S*)", (ROOT / "docs/upgrade.md").read_text()))
    released = set(re.findall(r"(?m)^## \[?(\d[^\s\]]*)", (ROOT / "CHANGELOG.md").read_text()))
    assert released | {VERSION} <= notes
