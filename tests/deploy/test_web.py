"""What browsers get holds nothing of GOV.UK's own face, and the puzzle works under the strictest policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import altcha
import pytest
from playwright.sync_api import sync_playwright

from deploy.doctor import machine
from deploy.doctor.finding import Level
from deploy.web.assemble import FILES, STYLES, TEXTS, Unexpected, assemble, for_both_ways, without_identity
from server.texts import LANGUAGES
from server.web.assets import AssetsMissing, assets_folder

SECRET = "only for this test"
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html><html lang="{language}"><title>x</title><link rel="stylesheet" href="/site/altcha.css">
<script type="module" src="/site/altcha-start.js"></script>
<form><altcha-widget challenge='{challenge}' auto="onload"></altcha-widget></form>"""
KINDS = {".js": "text/javascript", ".css": "text/css"}


def challenge(expires_at: datetime) -> str:
    made = altcha.create_challenge(
        algorithm="PBKDF2/SHA-256", cost=100, expires_at=expires_at, hmac_secret=SECRET
    )
    return json.dumps(made.to_dict())


@pytest.fixture
def place() -> Iterator[str]:
    """Serve the assembled site, a page by language with the challenge in it, and one that fetches it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            head, _, name = self.path[1:].partition("/")
            fresh = challenge(datetime.now(UTC) + timedelta(minutes=10))
            kind, body = "text/html", PAGE.format(language=head, challenge=fresh)
            if head == "site" and not (assets_folder() / name).is_file():
                self.send_error(404)
                return
            if head == "site":
                kind, body = KINDS[Path(name).suffix], (assets_folder() / name).read_text("utf-8")
            elif head == "challenge":
                kind, body = "application/json", fresh
            elif name == "fetching":
                body = PAGE.format(language=head, challenge="/challenge")
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("pl/inline", "Zweryfikowano"),
        ("uk/fetching", "Перевірено"),
        ("xx/no-such-language", "Verified"),
    ],
)
def test_the_puzzle_is_solved_under_a_strict_policy_and_the_library_believes_it(
    place: str, path: str, words: str
) -> None:
    complaints: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{place}/{path}")
        page.wait_for_selector("[data-state=verified]")
        payload = page.locator("input[name=altcha]").input_value()
        assert words in page.locator("altcha-widget").inner_text()
        browser.close()
    assert [text for text in complaints if not (path.startswith("xx") and "404" in text)] == []
    assert altcha.verify_solution(payload, SECRET).verified
    assert not altcha.verify_solution(payload, "another secret").verified


def test_a_solution_is_worth_nothing_after_its_time_or_with_another_counter() -> None:
    for late, counter in ((True, 0), (False, 1)):
        until = datetime.now(UTC) + timedelta(minutes=-1 if late else 10)
        made = altcha.Challenge.from_dict(json.loads(challenge(until)))
        found = altcha.solve_challenge(made)
        assert found is not None
        found.counter += counter
        answer = altcha.verify_solution(altcha.Payload(made, found).to_base64(), SECRET)
        assert (answer.verified, answer.expired) == (False, late)


@pytest.mark.parametrize("name", STYLES)
def test_a_stylesheet_names_no_typeface_of_others_and_loads_nothing(name: str) -> None:
    style = (assets_folder() / name).read_text("utf-8").lower()
    assert [
        word for word in ("gds transport", "@font-face", "@import", "url(", "crest") if word in style
    ] == []


def test_our_typeface_is_set_in_one_place() -> None:
    style = (assets_folder() / "govuk-frontend.css").read_text("utf-8")
    assert style.count("font-family:var(--numerek-typeface,sans-serif)") > 50


def test_no_file_points_to_a_source_map_and_each_says_where_it_is_from() -> None:
    for name in FILES:
        text = (assets_folder() / name).read_text("utf-8")
        assert "sourceMappingURL" not in text
        assert name == "altcha-start.js" or text.rstrip().endswith(
            ("licence MIT */", "licence BSD-0-Clause */")
        )


def test_sides_become_beginnings_and_ends_of_lines() -> None:
    style = (
        "a{margin-left:1px;right:0;float:left;text-align:right}b{border-right:0}.left:after{top:0;left:2px}"
    )
    assert for_both_ways(style) == (
        "a{margin-inline-start:1px;inset-inline-end:0;float:left;float:inline-start;text-align:end}"
        "b{border-inline-end:0}.left:after{top:0;inset-inline-start:2px}"
    )


def test_the_languages_of_the_pages_have_their_words() -> None:
    there = {file.stem for file in (assets_folder() / TEXTS).iterdir()}
    assert set(LANGUAGES) <= there


@pytest.mark.parametrize(
    "style",
    [
        "p{font-family:GDS Transport}",
        "p{background:url(/x.png)}",
        '@import "x.css";',
        "p{font:1rem gds transport}",
    ],
)
def test_something_foreign_in_a_new_version_stops_the_set_up(style: str) -> None:
    with pytest.raises(Unexpected):
        without_identity(style)


def test_a_typeface_in_the_known_form_is_replaced() -> None:
    style = "@font-face{src:url(a)}p{font-family:GDS Transport,arial,sans-serif;margin:0}"
    assert without_identity(style) == "p{font-family:var(--numerek-typeface,sans-serif);margin:0}"


def test_a_set_up_that_fails_leaves_the_site_of_before(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "altcha.js").touch()
    with pytest.raises(FileNotFoundError):
        assemble(tmp_path / "node_modules", site)
    assert (site / "altcha.js").is_file()


def test_a_missing_site_is_told_with_its_mending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(AssetsMissing, match=r"\./numerek setup"):
        assets_folder()
    finding = machine.look_at_web_assets(tmp_path / "web/site")
    assert (finding.level, finding.mend) == (Level.BROKEN, "./numerek setup")


def test_the_doctor_is_content_with_the_site_of_the_set_up() -> None:
    assert machine.look_at_web_assets(assets_folder()).level is Level.OK
