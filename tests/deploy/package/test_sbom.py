"""The list of what a release holds: as the schema has it, whole, and the same each time."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.package import sbom
from deploy.package.__main__ import LOCKS, VERSION, source_of
from deploy.package.libraries import files, installed, locked
from deploy.package.tree import Source
from tests.house.tracked import ROOT

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="this is not Debian")
Listed = dict[str, Any]


@pytest.fixture(scope="module")
def text(release: Path) -> str:
    (file,) = release.glob("*.cdx.json")
    return file.read_text()


@pytest.fixture(scope="module")
def listed(text: str) -> Listed:
    return json.loads(text)


@pytest.fixture(scope="module")
def inside(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (package,) = release.glob("*.deb")
    folder = tmp_path_factory.mktemp("inside")
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
    return folder / "opt/numerek/.venv"


def of(listed: Listed, kind: str) -> dict[str, Listed]:
    return {each["name"]: each for each in listed["components"] if each["purl"].startswith(f"pkg:{kind}/")}


def unlisted(venv: Path, source: Source, listed: Listed) -> set[str]:
    """Name the files of the environment that belong to nothing in the list."""
    (site,) = venv.glob("lib/*/site-packages")
    named = {(name, each["version"]) for name, each in of(listed, "pypi").items()}
    known = {
        str(file)
        for library in source.libraries
        if (library.name.lower(), library.version) in named
        for file in files(library)
    }
    assets = {(name, each["version"]) for name, each in of(listed, "npm").items()}
    rest = {str(file.relative_to(site)) for file in site.rglob("*") if file.is_file()} - known
    for file in venv.glob("web/site/*.*"):
        origin = re.search(r"/\*! (\S+) (\S+), licence .* \*/\s*$", file.read_text())
        if file.name != "altcha-start.js" and (origin is None or origin.groups() not in assets):
            rest.add(file.name)
    return rest


def test_it_is_as_the_schema_has_it(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_a_list_that_the_schema_does_not_know_is_found(listed: Listed) -> None:
    wrong = json.dumps(listed | {"components": [{"name": "no type"}]})
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(wrong) is not None


def test_nothing_is_shipped_that_it_does_not_list(inside: Path, few: Source, listed: Listed) -> None:
    assert unlisted(inside, few, listed) == set()


def test_what_is_shipped_and_not_listed_is_found(inside: Path, few: Source, listed: Listed) -> None:
    fewer = [each for each in listed["components"] if each["name"] not in ("itsdangerous", "htmx.org")]
    found = unlisted(inside, few, listed | {"components": fewer})
    assert {"itsdangerous/signer.py", "htmx.js"} <= found
    assert not any(name.startswith("markupsafe") for name in found)


def test_the_hash_of_a_library_is_that_of_its_files(inside: Path, few: Source, listed: Listed) -> None:
    (site,) = inside.glob("lib/*/site-packages")
    for library in few.libraries:
        names = [str(file) for file in files(library)]
        told = subprocess.run(["sha256sum", *names], cwd=site, check=True, capture_output=True).stdout
        lines = b"".join(sorted(told.splitlines(keepends=True)))
        (one,) = of(listed, "pypi")[library.name.lower()]["hashes"]
        assert one == {"alg": "SHA-256", "content": hashlib.sha256(lines).hexdigest()}


def test_it_names_the_package_it_belongs_to_and_what_apt_has_to_bring(release: Path, listed: Listed) -> None:
    (package,) = release.glob("*.deb")
    root = listed["metadata"]["component"]
    assert (root["name"], root["version"]) == ("numerek", VERSION)
    assert root["hashes"][0]["content"] == hashlib.sha256(package.read_bytes()).hexdigest()
    needed = of(listed, "deb")
    assert {"fonts-inter", "espeak-ng", "libpango-1.0-0"} <= set(needed)
    assert {each["properties"][0]["value"] for each in needed.values()} == {"false"}
    assert set(of(listed, "npm")) == {"altcha", "govuk-frontend", "htmx.org"}


def test_every_locked_library_tells_a_licence_or_is_known_not_to() -> None:
    source = source_of(ROOT, "\n".join(lock.read_text() for lock in LOCKS))
    silent = {each.name for each in source.libraries if not sbom._told(each)}
    assert silent == set()
    names = [each.name for each in source.libraries]
    assert len(names) == len(set(names))  # what two lists lock is listed once
    assert "opentelemetry-sdk" in names


def test_made_again_it_is_the_same(few: Source, release: Path, text: str) -> None:
    (package,) = release.glob("*.deb")
    copy = Source(
        few.project,
        installed(locked("itsdangerous\nmarkupsafe\nzbar-py\n"), site_of(few)),
        few.python,
        few.site,
    )
    assert sbom.write(copy, VERSION, package).read_text() == text


def site_of(source: Source) -> Path:
    return Path(str(source.libraries[0].locate_file("")))
