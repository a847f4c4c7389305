"""Imports modules as a system without POSIX would: `python -m tests.house.without_posix MODULE...`.

What the modules need from elsewhere is loaded first, since the libraries of this machine are made for it; then
what Windows lacks is hidden, and the rooms are imported anew.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys

ROOMS = ("wire", "terminal", "printers", "counter_client")
MODULES = (
    *("fcntl", "termios", "pwd", "grp", "resource", "tty", "pty", "syslog", "crypt", "spwd", "readline"),
    *("posix", "curses", "_posixsubprocess", "cups"),
)
OF_OS = (
    *("fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "getgroups", "setsid", "setuid", "setgid"),
    *("chown", "fchmod", "fchown", "mkfifo", "uname", "getpgid", "killpg", "nice", "getloadavg", "sysconf"),
    *("posix_spawn", "sched_getaffinity", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_DIRECTORY", "WNOHANG"),
)
OF_SIGNAL = ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGALRM", "SIGCHLD", "SIGQUIT", "SIGPIPE", "alarm")
OF_SOCKET = ("AF_UNIX", "SO_REUSEPORT", "SCM_RIGHTS")


def hide() -> None:
    """Take away what only POSIX has, for the rest of this process."""
    for place, names in ((os, OF_OS), (signal, OF_SIGNAL), (socket, OF_SOCKET)):
        for name in names:
            if hasattr(place, name):
                delattr(place, name)
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails
    sys.platform = "win32"


def main(modules: list[str]) -> None:
    """Import the modules; raises what the first one raises that needs POSIX."""
    for name in modules:
        importlib.import_module(name)
    for name in list(sys.modules):
        if name in modules or name.partition(".")[0] in ROOMS:
            del sys.modules[name]
    hide()
    for name in modules:
        importlib.import_module(name)


if __name__ == "__main__":
    main(sys.argv[1:])
