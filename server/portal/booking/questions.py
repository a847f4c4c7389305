"""The questions before a visit, answered by whoever holds the link from the letter (rule 12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field
from wtforms.fields.choices import SelectChoice

from server.domain.booking.answers import LONGEST_ANSWER, check, choices
from server.domain.booking.policy import Question
from server.domain.office.hours import day_of
from server.portal import languages
from server.portal.office_texts import say
from server.services.booking.verification import QuestionForm, State, answer, load_form
from server.web import times
from server.web.forms import ChoiceField, DayField, Form, SelectField, TextField
from server.web.pages import go, page, read, write
from server.web.request_context import request_context

pages = Blueprint("questions", __name__)
# More choices than that are a list to open.
_MOST_RADIOS = 8
_WORDS = {
    "too_long": _l("Make the answer shorter: at most 500 characters"),
    "characters": _l("Remove the characters that cannot be seen"),
    "in_future": _l("This day must not be in the future"),
    "in_past": _l("This day must not be in the past"),
    "malformed": _l("Enter a real day, such as 27 3 2025"),
    "unknown": _l("Choose one of the answers"),
}


@pages.route("/questions/<token>", methods=["GET", "POST"])
def show(token: str) -> ResponseReturnValue:
    """Ask what the service wants to know, and keep the answers; afterwards, tell where things are."""
    asked = read(lambda session, context: load_form(session, context, token))
    if asked.state is not State.UNANSWERED:
        return _told(asked)
    form = _form(asked)
    if form.validate_on_submit():
        said = {question.key: _typed(form[_name(question)]) for question in asked.questions}
        today = day_of(request_context().now, asked.branch.policy.zone)
        problems = check(asked.questions, said, today)[1]
        if not problems and request.form.get("do") == "look":
            return _checked(asked, form, said)
        if not problems and request.form.get("do") == "send":
            write(lambda session, context: answer(session, context, token, said))
            return go("questions.show", token=token)
        for key, reason in problems.items():
            field = form[f"q-{key}"]
            # The summary lists mistakes without their questions.
            field.errors = [
                _with(_("Answer the question: %(question)s"), field.label.text)
                if reason == "missing"
                else _WORDS[reason]
            ]
    return page(
        "booking/questions/show.html",
        _("Questions before your visit"),
        form=form,
        asked=asked,
        fields=[form[_name(question)] for question in asked.questions],
        **_about(asked),
    )


def _checked(asked: QuestionForm, form: Form, said: Mapping[str, str]) -> ResponseReturnValue:
    """Show the answers before they are sent: they can be sent once."""
    rows = [
        (form[_name(question)].label.text, _in_words(question, said[question.key]))
        for question in asked.questions
    ]
    kept = [(name, value) for name, value in request.form.items(multi=True) if name.startswith("q-")]
    return page(
        "booking/questions/check.html",
        _("Check your answers"),
        form=form,
        asked=asked,
        rows=rows,
        kept=kept,
        **_about(asked),
    )


def _in_words(question: Question, answer: str) -> object:
    """Write an answer as people read it."""
    if question.kind == "date" and answer:
        return times.day(date.fromisoformat(answer))
    if question.kind == "choice":
        known = dict(zip(choices(question), question.choices, strict=True))
        return say(known[answer]) if answer in known else ""
    return answer


def _told(asked: QuestionForm) -> ResponseReturnValue:
    titles = {
        State.ANSWERED: _("Thank you, we have your answers"),
        State.DECIDED: _("The office has decided"),
        State.EXPIRED: _("The time to answer is over"),
    }
    return page("booking/questions/told.html", titles[asked.state], asked=asked, **_about(asked))


def _about(asked: QuestionForm) -> dict[str, Any]:
    return {
        "name": asked.service.name(languages.current()),
        "branch": asked.branch,
        "zone": asked.branch.policy.zone,
        "states": State,
    }


def _form(asked: QuestionForm) -> Form:
    """Make the form of a service's questions."""
    fields = {_name(question): _field(question) for question in asked.questions}
    made: Form = type("AnswersForm", (Form,), fields)()
    return made


def _with(words: str, question: str) -> Markup:
    """Put a question into a sentence; its language stays marked where it is another."""
    return Markup(words) % {"question": question}  # noqa: S704 - a sentence of ours


def _name(question: Question) -> str:
    return f"q-{question.key}"


def _field(question: Question) -> Any:
    label = say(question.label)
    if not question.required:
        label = _with(_("%(question)s (optional)"), label)
    hint = say(question.hint)
    if question.kind == "date":
        return DayField(label, hint=hint or _("Day, month and year, for example 27 3 2025"))
    if question.kind == "choice":
        named = zip(choices(question), question.choices, strict=True)
        known = [SelectChoice(code, say(words)) for code, words in named]
        if len(known) > _MOST_RADIOS:
            return SelectField(
                label,
                choices=[SelectChoice("", _("Choose")), *known],
                description=hint,
                validate_choice=False,
            )
        return ChoiceField(label, choices=known, description=hint, validate_choice=False)
    return TextField(label, LONGEST_ANSWER, hint=hint)


def _typed(field: Field) -> str:
    data = field.data
    return data.isoformat() if isinstance(data, date) else str(data or "")
