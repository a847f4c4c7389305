"""The list of what a release holds and needs (SBOM, CycloneDX 1.6): libraries, web assets, Debian packages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from deploy.package.debian import needs, release
from deploy.package.libraries import files
from deploy.package.tree import Source
from deploy.web.assemble import SCRIPTS, STYLES

NOT_TOLD = "not told by its makers"
"""In place of a licence: what is not known is said."""
TROVE = "License :: OSI Approved :: "


def write(source: Source, version: str, package: Path) -> Path:
    """Write the list of a Debian package beside it, the same byte for byte each time, and name it."""
    root = Component(
        name="numerek", version=version, type=ComponentType.APPLICATION, bom_ref="numerek",
        hashes=[_hash(HashAlgorithm.SHA_256, hashlib.sha256(package.read_bytes()).hexdigest())],
    )  # fmt: skip
    parts = [*_libraries(source.libraries), *_assets(source), *_debian(source)]
    bom = Bom(
        components=parts, serial_number=uuid5(NAMESPACE_URL, f"numerek:{next(iter(root.hashes)).content}")
    )
    bom.metadata.component = root
    bom.metadata.timestamp = datetime.fromtimestamp(source.moment(), UTC)
    bom.register_dependency(root, parts)
    file = package.with_suffix(".cdx.json")
    file.write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", "utf-8")
    return file


def _libraries(libraries: Iterable[Distribution]) -> Iterator[Component]:
    for each in libraries:
        name = canonicalize_name(each.name)
        # As `sha256sum` prints the files: what is shipped can be compared without us.
        lines = sorted(
            f"{hashlib.sha256(Path(str(file.locate())).read_bytes()).hexdigest()}  {file}\n"
            for file in files(each)
        )
        yield Component(
            name=name, version=each.version, purl=PackageURL("pypi", None, name, each.version),
            bom_ref=f"pypi:{name}", licenses=[_licence(_told(each))],
            hashes=[_hash(HashAlgorithm.SHA_256, hashlib.sha256("".join(lines).encode()).hexdigest())],
        )  # fmt: skip


def _told(library: Distribution) -> str:
    """Give what a library says of its licence, the surest first: an expression, a classifier, a few words."""
    told = {
        key: library.metadata.get_all(key) or [""] for key in ("License-Expression", "License", "Classifier")
    }
    kinds = sorted(each.removeprefix(TROVE) for each in told["Classifier"] if each.startswith(TROVE))
    words = told["License"][0].strip()
    short = words if "\n" not in words and len(words) < 80 and words != "UNKNOWN" else ""
    return told["License-Expression"][0] or short or " OR ".join(kinds)


def _licence(text: str) -> License:
    return LicenseFactory().make_from_string(text or NOT_TOLD)


def _assets(source: Source) -> Iterator[Component]:
    lock = json.loads(source.git("show", "HEAD:deploy/web/package-lock.json"))["packages"]
    for name in sorted({path.partition("/")[0] for path in (*STYLES.values(), *SCRIPTS.values())}):
        about = lock[f"node_modules/{name}"]
        digest = base64.b64decode(about["integrity"].removeprefix("sha512-")).hex()
        yield Component(
            name=name, version=about["version"], purl=PackageURL("npm", None, name, about["version"]),
            bom_ref=f"npm:{name}", licenses=[_licence(about["license"])],
            hashes=[_hash(HashAlgorithm.SHA_512, digest)],
        )  # fmt: skip


def _debian(source: Source) -> Iterator[Component]:
    """List what apt brings: needed, not shipped, in the version that the machine's Debian has."""
    for name in needs(source):
        yield Component(
            name=name, purl=PackageURL("deb", "debian", name, qualifiers={"distro": release()}),
            bom_ref=f"deb:{name}", scope=ComponentScope.REQUIRED,
            properties=[Property(name="numerek:shipped", value="false")],
        )  # fmt: skip


def _hash(kind: HashAlgorithm, digest: str) -> HashType:
    return HashType(alg=kind, content=digest)
