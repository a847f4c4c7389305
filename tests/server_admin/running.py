"""A real server in a process of its own, and requests to it."""

from __future__ import annotations

import http.client
import json
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60


class Running:
    """A server that was started; whoever started it ends it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.port = port

    def connect(self) -> http.client.HTTPConnection:
        """Give a fresh connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def post(self, path: str, body: Any, token: str | None = None) -> tuple[int, Any]:
        """Send a command under a key of its own; give status and answer."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = self.connect()
        connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        return answer.status, json.loads(said) if said else None

    def enrol(self, printed: str) -> str:
        """Enrol a device by the code that `device add` printed; give its token."""
        code = next(line.strip() for line in printed.splitlines() if line.startswith("    ") and "-" in line)
        status, answer = self.post("/devices/enrol", {"enrolment_code": code})
        assert status == 201
        token: str = answer["token"]
        return token

    def kill(self) -> None:
        """End it as a power cut of the process: nothing is put away."""
        self._process.kill()
        self._reap()

    def stop(self) -> int:
        """Ask it to end and give its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._reap()

    def _reap(self) -> int:
        code = self._process.wait(30)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        return code


def start(config: Path) -> Running:
    """Start `python -m server` and wait until it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "--config", str(config)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], _READY_SECONDS)
    line = process.stdout.readline() if readable else ""
    if "ready" not in line:
        process.kill()
        process.wait(10)
        process.stdout.close()
        raise AssertionError(f"the server did not start: {line!r}")
    return Running(process, int(line.rpartition(" ")[2]))
