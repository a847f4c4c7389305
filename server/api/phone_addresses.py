"""The phone page's addresses as the OpenAPI page describes them."""

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


ADDRESSES: dict[str, Any] = {
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
    "/t/assets/{version}/{name}": _get(
        "phone_file",
        "A file that the page loads.",
        {"200": "text/javascript", "404": _PROBLEM},
        [_in_path("version"), _in_path("name")],
    ),
}
