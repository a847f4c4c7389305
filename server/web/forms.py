"""Forms of the pages: fields that draw themselves as GOV.UK's parts, and what no field takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from govuk_frontend_wtf import wtforms_widgets as widgets
from wtforms import fields
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError

from server.web.day_parts import ShortYear, read_day_parts

# Marks that turn the direction of what follows.
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
Check = Callable[[Any, Any], None]
View = TypeVar("View", bound=Callable[..., Any])


class Form(FlaskForm):
    """A form of the portal; its token is checked for every POST before the page runs."""

    class Meta(FlaskForm.Meta):
        """What a form is read from: its fields alone, never files or JSON, whose values are no text."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent as fields of a form; None for a page that is only opened."""
            return request.form if form.is_submitted() else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields. A form whose token is too old is never valid: what was typed is shown again."""
        if g.get("form_is_too_old"):
            self.form_errors = [_("This page was open too long. Check what you typed and send it again")]
            return False
        return bool(super().validate(extra_validators))


def keeps_typed(view: View) -> View:
    """Mark a page that shows what was typed again when the token of its form is too old.

    Only for a page that does nothing with a POST before its form was found valid: such a request may be forged.
    """
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


def needed(message: object) -> Check:
    """Make the check that something was typed or chosen; the sentence says what to do."""
    check = InputRequired(message=message)

    def required(form: Any, field: Any) -> None:
        check(form, field)
        if isinstance(field.data, str) and not field.data.strip():
            raise StopValidation(str(message))

    return required


def one_line(form: Any, field: Any) -> None:
    """Refuse what no line of text has: control characters, and marks that turn the direction of writing."""
    if isinstance(field.data, str) and any(is_hidden(char) for char in field.data):
        raise StopValidation(_("Remove the characters that cannot be seen"))


def is_hidden(char: str) -> bool:
    """Say whether a character cannot be seen, or turns the direction of writing."""
    return unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") or char in _TURNING


def _at_most(length: int) -> Check:
    return Length(max=length, message=_l("Use %(max)d characters or fewer"))


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Translated:
    """A mixin of the library's widgets: what they say of their own is said in the page's language."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the macros would say in English, and leave out an empty hint."""
        params: dict[str, Any] = super().map_gov_params(field, **kwargs)  # type: ignore[misc]
        if "errorMessage" in params:
            params["errorMessage"]["visuallyHiddenText"] = _("Error")
        if not field.description:
            params.pop("hint", None)
        return params


class _TextInput(Translated, widgets.GovTextInput):
    pass


class _EmailInput(_TextInput):
    input_type = "email"


class _TelInput(_TextInput):
    input_type = "tel"


class _Radios(Translated, widgets.GovRadioInput):
    pass


class _Select(Translated, widgets.GovSelect):
    pass


class _Checkbox(Translated, widgets.GovCheckboxInput):
    pass


class _PasswordInput(Translated, widgets.GovPasswordInput):
    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        params = super().map_gov_params(field, **kwargs)
        params |= {
            "showPasswordText": _("Show"),
            "hidePasswordText": _("Hide"),
            "showPasswordAriaLabelText": _("Show the password"),
            "hidePasswordAriaLabelText": _("Hide the password"),
            "passwordShownAnnouncementText": _("Your password can be seen"),
            "passwordHiddenAnnouncementText": _("Your password is hidden"),
            "autocomplete": params["attributes"].pop("autocomplete", "current-password"),
        }
        return params


class _DayInput(Translated, widgets.GovFormBase):
    template = "govuk_frontend_wtf/date.html"

    def __call__(self, field: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("id", field.id)
        return super().__call__(field, **kwargs)

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        params = super().map_gov_params(field, **kwargs)
        params["fieldset"] = {"legend": {"text": params.pop("label")["text"]}}
        wrong = " govuk-input--error" if field.errors else ""
        parts = ((_("Day"), 2), (_("Month"), 2), (_("Year"), 4))
        params["items"] = [
            {
                "label": label,
                # The first part bears the field's id, so that the summary of mistakes leads to it.
                "id": field.id if place == 0 else f"{field.id}-{place + 1}",
                "name": field.name,
                "classes": f"govuk-input--width-{width}{wrong}",
                "value": field.parts[place],
                "autocomplete": field.autocomplete
                and f"{field.autocomplete}-{('day', 'month', 'year')[place]}",
            }
            for place, (label, width) in enumerate(parts)
        ]
        params["id"] = f"{field.id}-parts"
        return params


class TextField(fields.StringField):
    """A line of text, trimmed, of limited length, free of hidden characters.

    `TextField(label, most=100, checks=[needed(...)], hint=..., autocomplete="name")`
    """

    widget = _TextInput()
    attributes: Mapping[str, str] = {}

    def __init__(
        self,
        label: object,
        most: int,
        checks: Sequence[Check] = (),
        *,
        hint: object = "",
        autocomplete: str | None = None,
        **bound: Any,
    ) -> None:
        named = {"autocomplete": autocomplete} if autocomplete else {}
        super().__init__(
            label,
            [*checks, _at_most(most), one_line],
            filters=[_trimmed],
            description=hint,
            render_kw={**self.attributes, **named},
            **bound,
        )


class EmailField(TextField):
    """An e-mail address as typed; whether it is one, the service says."""

    widget = _EmailInput()
    attributes = {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}

    def __init__(self, label: object, checks: Sequence[Check] = (), **named: Any) -> None:
        super().__init__(label, 254, checks, **named)


class PhoneField(TextField):
    """A telephone number as typed."""

    widget = _TelInput()
    attributes = {"autocomplete": "tel"}

    def __init__(self, label: object, checks: Sequence[Check] = (), **named: Any) -> None:
        super().__init__(label, 40, checks, **named)


class CodeField(TextField):
    """A code of digits that a message brought."""

    attributes = {"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}


class PasswordField(fields.PasswordField):
    """A password: neither trimmed nor looked into; `autocomplete` is current-password or new-password."""

    widget = _PasswordInput()

    def __init__(
        self,
        label: object,
        checks: Sequence[Check] = (),
        *,
        hint: object = "",
        autocomplete: str = "current-password",
        **bound: Any,
    ) -> None:
        super().__init__(
            label,
            [*checks, _at_most(1000)],
            description=hint,
            render_kw={"autocomplete": autocomplete},
            **bound,
        )


class ChoiceField(fields.RadioField):
    """One of some choices."""

    widget = _Radios()

    def pre_validate(self, form: Any) -> None:
        """Leave it to `needed` to say that nothing was chosen."""
        if self.raw_data:
            super().pre_validate(form)


class SelectField(fields.SelectField):
    """One of many choices."""

    widget = _Select()


class CheckField(fields.BooleanField):
    """Something to agree to."""

    widget = _Checkbox()


class DayField(fields.Field):
    """A day in three parts: `data` is a date, or None; `checks` see the date. `autocomplete` is bday, or none."""

    widget = _DayInput()
    raw_data: Sequence[Any] | None

    def __init__(
        self,
        label: object,
        checks: Sequence[Check] = (),
        *,
        hint: object = "",
        autocomplete: str | None = None,
        **named: Any,
    ) -> None:
        super().__init__(label, checks, description=hint, **named)
        self.autocomplete = autocomplete

    def show(self, *parts: str) -> None:
        """Show three parts as they are given."""
        self.raw_data = parts

    @property
    def parts(self) -> tuple[str, str, str]:
        """Return what the three parts show: what was typed, else the day there is."""
        if self.raw_data:
            day, month, year = (*map(str, self.raw_data), "", "", "")[:3]
            return day[:10], month[:20], year[:10]
        if self.data:
            return str(self.data.day), str(self.data.month), str(self.data.year)
        return "", "", ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the three parts as a day."""
        self.data = None
        typed = [value.strip() for value in valuelist]
        if not any(typed):
            # WTForms' own checks look at what was sent: three empty parts are nothing.
            self.raw_data = ()
            return
        try:
            self.data = read_day_parts(typed)
        except ShortYear:
            raise ValidationError(_("Enter the year with four digits, such as 1990")) from None
        except ValueError:
            raise ValidationError(_("Enter a real day, such as 27 3 1990")) from None
