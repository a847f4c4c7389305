"""The wording of messages to visitors: which are the branch's own, each on a form beside the message it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.access.roles import Permission
from server.domain.messages.wording import (
    OF_NO_BRANCH,
    Part,
    Wording,
    WordingText,
    known,
    needed,
    parts,
)
from server.domain.office.differences import part
from server.services.office import editing, things
from server.services.office.settings import BranchView
from server.staff import branches, languages
from server.staff.office.codec import Setting
from server.staff.office.described import Words
from server.staff.office.editor import SEEN, edit_page, form_page, saved, typed_in
from server.staff.office.message_names import MESSAGES
from server.staff.office.sample_message import SampleMessage, sample_message
from server.staff.office.wording_words import FIELDS, PARTS
from server.staff.permissions import needs
from server.texts import LANGUAGES
from server.web.pages import go, page, read, tell
from server.web.request_context import request_context
from wire.vocabulary import MessageKind

pages = Blueprint("wording", __name__)
AT = branches.AT + "/settings/messages"
ONE = AT + "/<kind>/<language>"
_TEMPLATE = "office/wording.html"
# A letter brings its styles with it; nothing in it may run, or load anything.
_AS_SENT = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A message in a language, as its page is about it."""

    branch: BranchView
    kind: MessageKind
    language: str

    @property
    def title(self) -> str:
        """Return what the page is called."""
        return f"{MESSAGES[self.kind]} – {languages.named(self.language)}"

    @property
    def name(self) -> str:
        """Return the name of its settings."""
        return f"messages.{self.kind}.{self.language}"

    def settings(self) -> list[Setting]:
        """List its parts as settings."""
        return [
            Setting(f"{self.name}.{each}", WordingText(self.kind, each, self.language), self._words(each))
            for each in parts(self.kind)
        ]

    def _words(self, of: Part) -> Words:
        names = ", ".join(f"{{{name}}}" for name in needed(self.kind, of))
        asked = _("Needed in it: %(fields)s.", fields=names) if names else ""
        said = {
            Part.SUBJECT: "",
            Part.BODY: _("An empty line ends a paragraph. For the signs { and } themselves write {{ and }}."),
            Part.SMS: _("Three SMS at most; the fewer, the cheaper."),
        }[of]
        return Words(PARTS[of], " ".join(filter(None, (said, asked))))


@pages.get(AT)
@needs(Permission.SET_UP)
def show() -> ResponseReturnValue:
    """List the kinds of messages by language, with what is worded by the branch itself."""
    branch = branches.here()
    return page(
        "office/wordings.html",
        _("Messages to visitors"),
        kinds={kind: MESSAGES[kind] for kind in _kinds(branch)},
        languages={each: languages.named(each) for each in LANGUAGES},
        own=branch.policy.messages,
        back=url_for("set_up.show"),
    )


@pages.route(ONE, methods=["GET", "POST"])
@needs(Permission.SET_UP)
def one(kind: str, language: str) -> ResponseReturnValue:
    """Show the wording of a message with a preview, save it, or only look at what was typed."""
    of = _subject(kind, language)
    settings, back = of.settings(), url_for("wording.show")
    if "preview" in request.form:
        typed, _new, errors = typed_in(settings, {})
        seen = request.form.get(SEEN, "")
        return form_page(
            settings, typed, of.title, back, seen=seen, errors=errors, template=_TEMPLATE, **_shown(of)
        )
    thing = things.branch(of.branch.code)
    return edit_page(thing, settings, of.title, back, template=_TEMPLATE, **_shown(of))


@pages.post(f"{ONE}/preview")
@needs(Permission.SET_UP)
def preview(kind: str, language: str) -> ResponseReturnValue:
    """Give the preview of what is being typed."""
    return page("office/wording_preview.html", "", **_shown(_subject(kind, language)))


@pages.post(f"{ONE}/letter")
@needs(Permission.SET_UP)
def letter(kind: str, language: str) -> Response:
    """Show the letter of what was typed as it is sent."""
    found = _sample(_subject(kind, language), {})
    if found is None:
        abort(404)
    answer = make_response(found.letter.html)
    answer.headers["Content-Security-Policy"] = _AS_SENT
    return answer


@pages.post(f"{ONE}/ours")
@needs(Permission.SET_UP)
def ours(kind: str, language: str) -> ResponseReturnValue:
    """Go back to the product's text."""
    of = _subject(kind, language)
    thing, names = things.branch(of.branch.code), [of.name]
    now = part(read(lambda session, context: things.stated(session, thing)), names)
    seen = editing.seen_of(now)
    saved(lambda session, who: editing.edit(session, who, thing, {}, names=names, seen=seen))
    tell(_("The product's text goes out again."))
    return go("wording.one", kind=kind, language=language)


def _subject(kind: str, language: str) -> Subject:
    branch = branches.here()
    if kind not in _kinds(branch) or language not in LANGUAGES:
        abort(404)
    return Subject(branch, MessageKind(kind), language)


def _kinds(branch: BranchView) -> list[MessageKind]:
    """List the kinds of messages that a branch words; what is of no branch is worded by the office's first."""
    is_first = branch.id == next(iter(request_context().office.branches), None)
    return [each for each in MESSAGES if is_first or each not in OF_NO_BRANCH]


def _shown(of: Subject) -> dict[str, Any]:
    """Return what stands beside the form: the message that it makes, and the fields."""
    wrong: dict[str, str] = {}
    sample = _sample(of, wrong)
    return {
        "message": of,
        "sample": sample,
        "wrong": wrong,
        "parts_of_message": PARTS,
        "is_own": of.language in of.branch.policy.messages.get(of.kind, {}),
        "known": [
            (name, FIELDS[name], name in known(of.kind, Part.SMS)) for name in known(of.kind, Part.BODY)
        ],
        "has_sms": Part.SMS in parts(of.kind),
    }


def _sample(of: Subject, wrong: dict[str, str]) -> SampleMessage | None:
    """Write the message of what was typed, or of what is set; where that is `wrong`, the product's stands."""
    wording = of.branch.policy.messages.get(of.kind, {}).get(of.language)
    if request.method == "POST":
        _typed, new, errors = typed_in(of.settings(), {})
        wrong |= {name.rpartition(".")[2]: said for name, said in errors.items()}
        texts = {name.rpartition(".")[2]: text for name, text in new.items()}
        wording = Wording(**{name: text for name, text in texts.items() if name not in wrong})
    return sample_message(of.branch, of.kind, of.language, wording)
