"""Which room may import what, and the reading of a module's imports that finds what crosses a border."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

QT = ("PySide6", "shiboken6")
APPS = ("kiosk", "display_board", "counter_client")
ROOMS = ("wire", "printers", "server", "terminal", *APPS)

# Modules of the standard library that do I/O, look at a clock or throw dice.
OUTSIDE_WORLD = (
    *("asyncio", "concurrent", "ctypes", "glob", "http", "io", "logging", "mmap", "multiprocessing", "os"),
    *(
        "pathlib",
        "queue",
        "random",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "smtplib",
        "socket",
    ),
    *("sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib"),
)

# A blueprint hands a use case to store.write; it makes no statement and sees no row of its own.
WRITE_PATH = ("server.store.store", "server.store.answers", "server.store.errors", "server.store.keyring")
WEB = (
    *("flask", "werkzeug", "pydantic", "wire", "server.services", "server.push", "server.domain"),
    *("server.clock", *WRITE_PATH),
)

# The libraries of the pages, those of each set, and those through which the outside world is reached.
PAGES = (
    *("flask_babel", "flask_login", "flask_wtf", "wtforms", "babel", "itsdangerous", "jinja2"),
    *("govuk_frontend_jinja", "govuk_frontend_wtf", "markupsafe", "qrcode", "server.texts"),
)
OF_THE_API = ("server.api.authentication", "server.api.headers_and_log")
PORTAL = ("limits", "phonenumbers", "email_validator")
ADAPTED = (
    *("altcha", "httpx", "icalendar", "iptocc", "jinja2", "markupsafe", "maxminddb", "qrcode", "weasyprint"),
    *("babel", "altair", "httpcore", "pydantic.TypeAdapter", "vl_convert", "opentelemetry"),
)


@dataclass(frozen=True)
class Border:
    """What a part of the house may import beside the standard library and itself, and what never."""

    may: tuple[str, ...]
    never: tuple[str, ...] = ()


# The longest name that fits a module counts. A name may stand for a package, a module or one thing in it.
BORDERS = {
    "wire": Border(("pydantic", "platformdirs")),
    "printers": Border(("escpos", "barcode", "serial", "usb", "cups", "qrcode", "PIL", "wire.sentences")),
    # The top of the server puts the rooms together (app, admin, its start), so it may see all of them.
    "server": Border(("server", "wire", "flask", "werkzeug", "uvicorn", "sqlalchemy", "alembic", "pydantic")),
    "server.domain": Border(("wire.vocabulary", "confusable_homoglyphs", "numpy"), never=OUTSIDE_WORLD),
    # A use case gets its Session from store.write and hands it on; it makes no statements of its own.
    "server.services": Border(
        (
            *("server.domain", "server.store", "wire.vocabulary", "wire.codes", "sqlalchemy.orm.Session"),
            "wire.staff_code",
            # A file of visits is read as the API reads them.
            *("pydantic.ValidationError", "wire.messages.ReservationRequest"),
            *("argon2", "email_validator", "holidays", "itsdangerous", "pyotp", "webauthn"),
        )
    ),
    "server.store": Border(
        (
            *("sqlalchemy", "alembic", "psycopg", "cryptography", "server.domain", "wire.vocabulary"),
            *("wire.settings", "wire.systemd"),
        )
    ),
    "server.push": Border(("server.store", "server.domain", "server.clock", "wire", "psycopg")),
    # The HTTP front hands requests to the Flask applications, streams to push, and starts the workers.
    "server.http": Border(
        (
            *(
                "server.api",
                "server.portal",
                "server.staff",
                "server.web",
                "server.push",
                "server.workers",
                "server.services",
                "server.store",
            ),
            *("flask", "uvicorn", "httptools"),
        )
    ),
    "server.workers": Border(
        (
            "server.domain",
            "server.services",
            "server.store",
            "server.adapters",
            "wire",
            "sqlalchemy.orm.Session",
        )
    ),
    "server.api": Border(
        (
            *WEB,
            "server.store.durations",
            "server.store.health",
            "server.store.leadership",
            "prometheus_client",
        )
    ),
    "server.web": Border((*WEB, *PAGES, *OF_THE_API)),
    "server.portal": Border((*WEB, *PAGES, *PORTAL, *OF_THE_API, "server.web")),
    # A slip is shown by the printers' own layout, a message by what writes it when it is sent.
    "server.staff": Border(
        (
            *(*WEB, *PAGES, *OF_THE_API, "server.web", "printers.layout", "printers.ticket"),
            *("server.adapters.letters", "xlsxwriter"),
        )
    ),
    # What the outside world is to the use cases stands in services.ports; the adapters are its other half.
    "server.adapters": Border(("server.domain", "server.services.ports", "server.texts", "wire", *ADAPTED)),
    "server.texts": Border(("babel",)),
    "terminal": Border((*QT, "wire", "pydantic", "zxingcpp")),
    "kiosk": Border(
        ("terminal", "printers", "wire", *QT, "serial", "zbar", "zxingcpp", "numpy", "qrcode", "pyotp")
    ),
    "kiosk.offline": Border(("server.domain", "wire")),
    "display_board": Border(("terminal", "wire", *QT, "num2words")),
    "counter_client": Border(("terminal", "printers", "wire", *QT)),
}

# The brains of the three Qt programs: they, and whatever of their own room they import, know only wire.
BRAINS = (
    "kiosk.flow",
    "kiosk.speech",
    "kiosk.self_test.measures",
    "display_board.board",
    "display_board.announcements",
    "display_board.media",
    "counter_client.desk",
)
BRAIN = Border(("wire",))


def imports_of(tree: ast.Module, module: str, *, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """List line and dotted name of all that a module imports, also inside functions and by import_module."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                origin = ".".join([*above, *filter(None, [origin])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__", "find_spec"):
            named = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            yield from ((node.lineno, name) for name in named if isinstance(name, str) and name)


def border_of(module: str) -> tuple[str, Border] | None:
    """Find the part of the house that a module belongs to; None outside the rooms (tests, bench, deploy)."""
    names = [name for name in BORDERS if within(module, name)]
    name = max(names, key=len, default=None)
    return (name, BORDERS[name]) if name else None


def crosses(part: str, border: Border, imported: str) -> bool:
    """Say whether an import crosses the border of a part of the house."""
    if any(within(imported, name) for name in border.never):
        return True
    if imported.partition(".")[0] in sys.stdlib_module_names or within(imported, part):
        return False
    return not any(within(imported, name) for name in border.may)


def within(dotted: str, name: str) -> bool:
    """Say whether a dotted name is a package, or something in it."""
    return dotted == name or dotted.startswith(name + ".")


def _name(function: ast.expr) -> str:
    return str(getattr(function, "id", getattr(function, "attr", "")))
