"""Stylesheets and scripts under an address that changes with them, so that a browser may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
import logging
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, current_app, request, url_for

from server.web.assets import AssetsMissing, assets_folder

_SHARED = Path(__file__).parent / "static"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"
log = logging.getLogger("numerek.web")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent, and packed."""

    kind: str
    body: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class Files:
    """All that is served, by name; nothing else is, whatever an address says."""

    version: str
    by_name: dict[str, File]


def join(app: Flask, ours: Path, prefix: str = "", *, fetched: bool = True) -> None:
    """Serve the files of the folder `ours`, what all pages share and, if they use it, what was fetched.

    Templates name them by `asset`.
    """
    app.extensions["numerek_files"] = _read([*(_fetched() if fetched else ()), _SHARED, ours])
    app.add_url_rule(f"{prefix}/assets/<version>/<path:name>", "asset", _send)
    app.add_template_global(address, "asset")


def address(name: str) -> str:
    """Return where a file is."""
    return url_for("asset", version=_files().version, name=name)


def _files() -> Files:
    files: Files = current_app.extensions["numerek_files"]
    return files


def _fetched() -> list[Path]:
    try:
        return [assets_folder()]
    except AssetsMissing as missing:
        # The pages can be used without, if need be; `numerek doctor` says the same.
        log.error("%s", missing)
        return []


def _read(folders: list[Path]) -> Files:
    whole = hashlib.sha256()
    by_name = {}
    for folder in folders:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            name, body = file.relative_to(folder).as_posix(), file.read_bytes()
            whole.update(f"{name}:{len(body)}:".encode() + body)
            kind = _KINDS.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
            by_name[name] = File(kind, body, gzip.compress(body, mtime=0))
    return Files(whole.hexdigest()[:12], by_name)


def _send(version: str, name: str) -> Response:
    files = _files()
    file = files.by_name.get(name)
    if file is None:
        abort(404)
    packs = request.accept_encodings["gzip"] > 0
    response = Response(file.packed if packs else file.body, content_type=file.kind)
    if file.kind.startswith("text/"):
        response.headers["Content-Type"] = f"{file.kind}; charset=utf-8"
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    # A page from before an update names an older version: it gets the file of now, and must not keep it.
    if version == files.version:
        response.headers["Cache-Control"] = _FOR_EVER
    return response
