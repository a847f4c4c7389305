"""What live pages of the hall cost the kiosks: check-ins alone, and while supervisors look."""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import time
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

from bench import load
from bench.colleague import Colleague
from bench.hall import Hall, hall
from bench.table import Row
from deploy.demo.sample import BRANCH

SUPERVISORS = 20
CHECK_INS = 1_500
_OFTEN_SECONDS, _PATIENCE = 0.25, 5  # as server/staff/static/hall.js
_HALL = f"/staff/at/{BRANCH}/hall/A"


def run() -> list[Row]:
    """Check in with 16 clients three times: alone, with the pages open, and alone again."""
    with hall(booked=3 * CHECK_INS, waiting=60, supervisors=SUPERVISORS) as office:
        cookies = [Colleague(office.port, each, office.password).cookie for each in office.supervisors]
        before = _check_ins(office, 0)
        stop, asked = multiprocessing.Event(), multiprocessing.Value("i", 0)
        pages = multiprocessing.Process(target=_look, args=(office.port, cookies, stop, asked))
        pages.start()
        time.sleep(2)
        began, looks = time.perf_counter(), asked.value
        meanwhile = _check_ins(office, 1)
        seconds, looks = time.perf_counter() - began, asked.value - looks
        stop.set()
        pages.join(20)
        after = _check_ins(office, 2)
    alone = (before.per_second + after.per_second) / 2
    lost = 100 * (1 - meanwhile.per_second / alone)
    return [
        Row("check-ins, 16 clients, no page open", alone, "/s"),
        Row(f"the same with {SUPERVISORS} supervisors on live pages", meanwhile.per_second, "/s"),
        Row("lost to live pages", lost, "%", "≤ 10", lost <= 10),
        Row("a live page comes anew meanwhile", looks / seconds / SUPERVISORS, "/s"),
    ]


def _check_ins(office: Hall, turn: int) -> load.Result:
    codes = office.codes[turn * CHECK_INS : (turn + 1) * CHECK_INS]
    requests = (
        load.command("/api/v1/check-ins", office.kiosk, b'{"code":"%s"}' % code.encode()) for code in codes
    )
    result = load.run(office.port, requests, 16)
    if set(result.statuses) != {201}:
        raise RuntimeError(f"check-ins were not all admitted: {result.statuses}")
    return result


def _look(port: int, cookies: list[str], stop: Event, asked: Synchronized[int]) -> None:
    """Run the pages in a process of their own."""
    asyncio.run(_look_all(port, cookies, stop, asked))


async def _look_all(port: int, cookies: list[str], stop: Event, asked: Synchronized[int]) -> None:
    tasks = [asyncio.create_task(_page(port, cookie, asked)) for cookie in cookies]
    while not stop.is_set():
        await asyncio.sleep(0.1)
        for task in tasks:
            if task.done():
                task.result()
    for task in tasks:
        task.cancel()


async def _page(port: int, cookie: str, asked: Synchronized[int]) -> None:
    """Do what the page's script does: hear what happens, and ask for what changed."""
    news = asyncio.Event()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = f"/staff/stream?branch={BRANCH}&topics=hall:A"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n".encode())
    status = await reader.readline()
    if b" 200 " not in status:
        raise RuntimeError(f"a stream was refused: {status!r}")

    async def hear() -> None:
        while await reader.read(65_536):
            news.set()

    hearing = asyncio.create_task(hear())
    asking, answers = await asyncio.open_connection("127.0.0.1", port)
    request = (
        f"GET {_HALL}/live HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()
    while not hearing.done():
        await news.wait()
        news.clear()
        began = time.perf_counter()
        answers.write(request)
        head = await asking.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if b" 200 " not in head[:20] or length is None:
            raise RuntimeError(f"no live page: {head[:200]!r}")
        await asking.readexactly(int(length[1]))
        asked.value += 1
        await asyncio.sleep(max(_OFTEN_SECONDS, _PATIENCE * (time.perf_counter() - began)))
