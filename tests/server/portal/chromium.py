"""A real browser at the pages of a test: Debian's chromium, and what axe-core finds in what it shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
_AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# What is in order is not described: that would take half the time of the search, and megabytes on the way here.
_RUN = """axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values: [
  'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}}).then(found =>
  found.violations.map(each => `${each.id}: ${each.nodes[0].html.slice(0, 120)}`))"""
_UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on loopback; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def open_page(page: Page, address: str) -> None:
    """Go to a page of ours, and wait until its scripts have run."""
    page.goto(address)
    page.wait_for_selector("body.js-enabled")


def complaints(page: Page) -> list[str]:
    """Unfold all of a page and list what axe-core says: WCAG 2.2 AA, and what is good practice besides."""
    page.evaluate(_UNFOLD)
    page.evaluate(_AXE)
    found: list[str] = page.evaluate(_RUN)
    return found


def too_wide(page: Page) -> int:
    """Tell by how many pixels a page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wide
