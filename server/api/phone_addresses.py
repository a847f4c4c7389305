"""The addresses of the phone page and of the web board as the OpenAPI page describes them."""

from __future__ import annotations

from typing import Any

_JSON, _PROBLEM, _HTML = "application/json", "application/problem+json", "text/html"
_LANGUAGE = {"name": "language", "in": "query", "required": False, "schema": {"type": "string"}}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


_TOKEN = [_in_path("token"), _LANGUAGE]


def _get(
    name: str, what: str, kinds: dict[str, str], parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    answers = {status: {"description": what, "content": {kind: {}}} for status, kind in kinds.items()}
    return {
        "get": {
            "operationId": name,
            "summary": what,
            "parameters": parameters or _TOKEN,
            "responses": answers,
        }
    }


def _page(name: str, what: str) -> dict[str, Any]:
    return _get(name, what, {"200": _HTML, "404": _HTML, "503": _PROBLEM})


def _form(name: str, what: str, fields: tuple[str, ...] = ()) -> dict[str, Any]:
    """Describe what a form of the page sends: it is answered with the page, or the way to it."""
    operation: dict[str, Any] = {"operationId": name, "summary": what, "parameters": _TOKEN}
    if fields:
        schema = {"type": "object", "properties": {field: {"type": "string"} for field in fields}}
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    answers = {status: {"description": "The page of the ticket"} for status in ("303", "404", "409", "422")}
    return {"post": operation | {"responses": answers | {"503": {"description": "Not available now"}}}}


_WISHES = [
    {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
    for name in ("halls", "layout")
]
_CODE = {"type": "object", "properties": {"code": {"type": "string"}}}
_BOARDS: dict[str, Any] = {
    "/board": _get("board_page", "The board, or the question for its code.", {"200": _HTML}, _WISHES)
    | {
        "post": {
            "operationId": "board_enrol",
            "summary": "Make a browser the board that a code is for; its token stays in a cookie.",
            "parameters": _WISHES,
            "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": _CODE}}},
            "responses": {
                "303": {"description": "The way to the board"},
                "422": {"description": "No good code"},
                "429": {"description": "Too many wrong codes from this address: wait a moment"},
                "503": {"description": "Not available now"},
            },
        }
    },
    "/board/setup": _get(
        "board_setup",
        "What a web board needs besides snapshots: halls, languages, sentences, days and hours.",
        {"200": _JSON, "401": _PROBLEM},
        _WISHES[:1],
    ),
    "/board/halls/{hall}": _get(
        "board_hall",
        "The snapshot of a hall, as `/api/v1/boards/{hall}` answers it, for the cookie of a web board.",
        {"200": _JSON, "401": _PROBLEM, "404": _PROBLEM},
        [_in_path("hall")],
    ),
}
ADDRESSES: dict[str, Any] = _BOARDS | {
    "/t/{token}": _form(
        "give_feedback",
        "What the visitor thinks of a finished visit: `mark` from 1 to 5, and `words`.",
        ("mark", "words"),
    )
    | _page("ticket_page", "The page of a ticket for the visitor's phone."),
    "/t/{token}/code": _page("ticket_code", "The QR of the ticket alone, full screen on white."),
    "/t/{token}/manifest.webmanifest": _get(
        "ticket_manifest",
        "How the page of the ticket stands on a home screen.",
        {"200": "application/manifest+json", "404": _PROBLEM, "503": _PROBLEM},
    ),
    "/t/{token}/why": _page("called_before", "Why others were called while a ticket waited."),
    "/t/{token}/leave": _form("leave", "The visitor leaves the line, for good.")
    | _page("ask_to_leave", "Asks once more whether the visitor leaves the line."),
    "/t/{token}/pause": _form("pause", "The visitor asks for more time, once a ticket."),
    "/t/{token}/back": _form("come_back", "The visitor is back before the pause is over."),
    "/t/{token}/here": _form("announce", "The visitor says that they are in the hall."),
    "/t/{token}/state": _get(
        "ticket_state",
        "What changes of the page: `status`, `call`, `said`, `over`, and `html` to put in its place.",
        {"200": _JSON, "304": _JSON, "404": _PROBLEM, "503": _PROBLEM},
    ),
    "/t/{token}/events": _get(
        "ticket_events",
        "Server-sent events `ticket`: the `type` of a fact about this ticket, and its `counter`.",
        {"200": "text/event-stream", "404": _PROBLEM, "503": _PROBLEM},
    ),
    "/w/{token}": _form(
        "take_paperless_ticket", "A phone in the hall takes a ticket without paper.", ("service",)
    )
    | _page("paperless_ticket", "The services of which a phone takes a ticket without paper."),
    "/t/assets/{version}/{name}": _get(
        "phone_file",
        "A file that the page loads.",
        {"200": "text/javascript", "404": _PROBLEM},
        [_in_path("version"), _in_path("name")],
    ),
}
