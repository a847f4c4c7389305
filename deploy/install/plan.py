"""Which steps make a machine what it is to be: a pure list, the same each time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy.install.steps import (
    Account,
    Answers,
    Command,
    Config,
    Copy,
    Data,
    Enable,
    Mask,
    Packages,
    Programs,
    SetUp,
    Step,
    Stop,
)

ROLES = ("server", "kiosk", "board", "counter")
SCREENS = ("kiosk", "board")
PROGRAMS = Path("/opt/numerek")
CONFIG = Path("/etc/numerek/config.toml")
UNITS = Path("deploy/systemd")
SYSTEM_UNITS = Path("/etc/systemd/system")
# The console on a screen that belongs to one program.
CONSOLE = "getty@tty1.service"
# What only the system can hold at a kiosk: consoles, keys of the kernel, keyboards, storage (docs/hardening.md).
LOCK = Path("deploy/kiosk")
SCANNERS = Path("/etc/udev/rules.d/71-numerek-kiosk.rules")
LOCKED = (
    Copy(LOCK / "logind.conf", Path("/etc/systemd/logind.conf.d/numerek-kiosk.conf")),
    Copy(LOCK / "sysctl.conf", Path("/etc/sysctl.d/60-numerek-kiosk.conf")),
    Copy(LOCK / "modprobe.conf", Path("/etc/modprobe.d/numerek-kiosk.conf")),
    Copy(LOCK / "71-numerek-kiosk.rules", SCANNERS, is_edited=True),
    Mask("ctrl-alt-del.target"),
)
ENTRY = Path("deploy/install/numerek-counter.desktop")


@dataclass(frozen=True)
class Order:
    """What the machine is to be, and what an operator says of it.

    `server_url` is the server's public address, `code` enrols a device, `clerk` is the account at a counter,
    `office` the file of the office (docs/office.md).
    """

    role: str
    server_url: str
    code: str | None = None
    clerk: str = ""
    office: Path | None = None

    @property
    def account(self) -> str:
        """The account that runs the program."""
        return {"server": "numerek", "counter": self.clerk}.get(self.role, f"numerek-{self.role}")

    @property
    def data(self) -> Path:
        """The folder of the program's data."""
        return Path("/var/lib") / ("numerek" if self.role == "server" else f"numerek-{self.role}")


def plan(order: Order, *, packaged: bool = False) -> tuple[Step, ...]:
    """List the steps in their order; taking back goes the other way.

    `packaged`: the Debian package has brought the programs, their libraries and what every role needs.
    """
    packages: tuple[str, ...] = () if packaged else ("apt.txt", "apt-build.txt")
    packages += ("apt-screen.txt",) if order.role in SCREENS else ()
    its_own = {"server": _server, "counter": _counter}.get(order.role, _screen)
    return (
        *([Packages(packages)] if packages else []),
        *([Answers(order.server_url)] if order.code else []),
        *([Stop(units)] if (units := units_of(order.role)) else []),
        *(() if packaged else (Programs(PROGRAMS), SetUp(PROGRAMS))),
        *([Account(order.account, order.data)] if order.role != "counter" else []),
        Data(order.data, order.account),
        *its_own(order),
    )


def units_of(role: str) -> tuple[str, ...]:
    """List the units of a role that start with the machine."""
    names = {"server": ("numerek-server.service", "numerek-backup.timer"), "counter": ()}
    return names.get(role, (f"numerek-{role}.service",))


def next_steps(order: Order) -> tuple[str, ...]:
    """Say what is left to the operator."""
    if order.role == "server":
        return (
            f"keep a copy of {order.data}/numerek.key apart from the backups",
            f"nginx with TLS in front: {PROGRAMS}/deploy/nginx.conf (docs/install.md)",
        )
    if order.role == "counter":
        return ("Numerek is in the menu of programs, and starts when the clerk signs in to the desktop",)
    left = ["restart this machine once: then nothing of the system is left on its screen"]
    if order.role == "kiosk":
        left = [
            f"name its printer and scanner in {CONFIG} (docs/printers-and-scanners.md)",
            f"keyboards are heard only from the makers of scanners in {SCANNERS} (docs/hardening.md)",
            "then `update-initramfs -u`, and restart this machine: it has no console then, only your ssh",
        ]
    if not order.code:
        left.append("its screen asks for the QR or the code of the page Devices")
    return tuple(left)


def _server(order: Order) -> tuple[Step, ...]:
    made = {
        ("server", "public_url"): order.server_url,
        ("server", "data_dir"): str(order.data),
        ("server", "secrets_file"): str(order.data / "numerek.key"),
        ("server", "trusted_proxies"): ["127.0.0.1"],
    }
    admin = ("-m", "server.admin")
    office = ("--office", str(CONFIG.parent / order.office.name)) if order.office else ()
    names = units_of(order.role)
    return (
        Config(CONFIG, made),
        *([Copy(order.office, CONFIG.parent / order.office.name)] if order.office else []),
        Command("key and database", order.account, (*admin, "init", *office)),
        *_put(*names, "numerek-backup.service"),
        Enable(names),
        Command(
            "the first administrator's address", order.account, (*admin, "user", "first"), is_needed=False
        ),
    )


def _screen(order: Order) -> tuple[Step, ...]:
    units = units_of(order.role)
    lock = LOCKED if order.role == "kiosk" else ()
    return (*_device(order), *_put(*units), Mask(CONSOLE), *lock, Enable(units))


def _counter(order: Order) -> tuple[Step, ...]:
    folders = (Path("/usr/share/applications"), Path("/etc/xdg/autostart"))
    return (*_device(order), *(Copy(ENTRY, folder / ENTRY.name) for folder in folders))


def _put(*units: str) -> tuple[Step, ...]:
    return tuple(Copy(UNITS / name, SYSTEM_UNITS / name) for name in units)


def _device(order: Order) -> tuple[Step, ...]:
    token = order.data / "token"
    values = {(order.role, "server_url"): order.server_url, (order.role, "token_file"): str(token)}
    enrol = Command("enrolment", order.account, ("-m", "terminal", order.role, order.code or ""), made=token)
    return Config(CONFIG, values), *([enrol] if order.code else [])
