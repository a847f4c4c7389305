"""A form for some settings of a thing: shown, checked, saved, and shown beside what somebody else saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.api import authentication
from server.domain.office.differences import digest, part
from server.domain.office.reading import SettingError
from server.services.office import editing, records, things
from server.services.office.editing import Author, ChangedMeanwhile, Concerns, OfFollower
from server.services.office.things import Thing
from server.services.store_types import Session
from server.staff import staff_session
from server.staff.office.codec import Drawn, Setting, draw, kept_or_new, mistakes, taken
from server.staff.office.following import Following, following_of
from server.staff.office.kinds import of_a_rule, told
from server.staff.office.naming import setting_name, thing_name
from server.web.pages import page, read, tell, write

SEEN, SURE = "seen", "sure"


def saved(work: Callable[[Session, Author], Any]) -> None:
    """Run a change of the office as the reader of the page, and have it read again here."""
    me = staff_session.me()
    write(lambda session, context: work(session, Author(context.now, me.id)))
    authentication.runtime().office.forget()


def edit_page(
    thing: Thing, settings: Sequence[Setting], title: str, back: str, **more: Any
) -> ResponseReturnValue:
    """Show some settings of a thing, or save what was typed and go back."""
    found = read(lambda session, context: things.stated(session, thing))
    if found is None:
        abort(404)
    names = [each.name for each in settings]
    old = part(found, names)
    more["following"] = following_of(thing, found)
    if request.method == "GET":
        return form_page(settings, old, title, back, seen=digest(old), **more)
    if "follow" in request.form:
        return _follow_again(thing, request.form["follow"])
    typed, new, errors = typed_in(settings, old)
    seen, sure = request.form.get(SEEN, ""), request.form.get(SURE, "")
    if errors:
        return form_page(settings, typed, title, back, seen=seen, errors=errors, **more)
    try:
        saved(lambda session, who: editing.edit(session, who, thing, new, names=names, seen=seen, sure=sure))
    except SettingError as error:
        errors = at_its_field(settings, error)
        return form_page(settings, typed, title, back, seen=seen, errors=errors, **more)
    except Concerns as concerns:
        return form_page(settings, typed, title, back, seen=seen, concerns=concerns, **more)
    except ChangedMeanwhile as meanwhile:
        last = read(lambda session, context: records.last_change(session, thing))
        now = meanwhile.now
        return form_page(
            settings, typed, title, back, seen=digest(now), now=now, last=last, status=409, **more
        )
    tell(_("Saved."))
    return redirect(back, 303)


def add_page(
    thing: Callable[[dict[str, Any]], Thing],
    settings: Sequence[Setting],
    title: str,
    back: str | Callable[[Mapping[str, Any]], str],
    *,
    suggested: Mapping[str, Any] | None = None,
    make: Callable[[Session, Author, Thing, Mapping[str, Any]], None] = editing.add,
    **more: Any,
) -> ResponseReturnValue:
    """Show the form of a new thing, or make it; its first setting is its name.

    `back` is where it leads afterwards, or says so from what was typed; the form begins with what is `suggested`.
    """
    leave = back if isinstance(back, str) else url_for("start.show")
    if request.method == "GET":
        return form_page(settings, suggested or {}, title, leave, **more)
    typed, new, errors = typed_in(settings, {})
    own = settings[0].name
    if not errors and own not in new:
        errors = {own: _("Enter this")}
    if not errors:
        try:
            value = {name: each for name, each in new.items() if name != own}
            made = thing(new)
            saved(lambda session, who: make(session, who, made, value))
        except SettingError as error:
            errors = at_its_field(settings, error)
    if errors:
        return form_page(settings, typed, title, leave, errors=errors, **more)
    tell(_("Saved."))
    return redirect(back if isinstance(back, str) else back(new), 303)


def typed_in(
    settings: Sequence[Setting], old: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """Read a form: what was typed, what is to be kept of it, and what is wrong, by the names of fields."""
    typed = {each.name: taken(each.read, each.name, request.form) for each in settings}
    errors = {
        name: said for each in settings for name, said in mistakes(each.read, each.name, typed[each.name])
    }
    new = {
        each.name: value
        for each in settings
        if (value := kept_or_new(each, old.get(each.name), typed[each.name])) is not None
    }
    return typed, new, errors


def at_its_field(settings: Sequence[Setting], error: SettingError) -> dict[str, str]:
    """Say what is wrong at the field that it belongs to, else above the form."""
    own = [each.name for each in settings if f"{error.key}.".startswith(f"{each.name}.")]
    said = of_a_rule(error.problem)
    if isinstance(error, OfFollower):
        said = f"{thing_name(error.follower)}: {said}"
    return {own[0] if own else "": said}


def _follow_again(thing: Thing, name: str) -> ResponseReturnValue:
    try:
        saved(lambda session, who: editing.follow_again(session, who, thing, [name]))
    except SettingError as error:
        tell(of_a_rule(error.problem))
    else:
        tell(_("As the template says again: %(setting)s", setting=setting_name(name)))
    return redirect(url_for(request.endpoint or "", **request.view_args or {}), 303)


def form_page(
    settings: Sequence[Setting],
    value: Mapping[str, Any],
    title: str,
    back: str,
    *,
    seen: str = "",
    errors: Mapping[str, str] | None = None,
    now: Mapping[str, Any] | None = None,
    last: tuple[str | None, datetime] | None = None,
    status: int = 200,
    template: str = "office/settings_form.html",
    following: Following | None = None,
    concerns: Concerns | None = None,
    **more: Any,
) -> ResponseReturnValue:
    """Show a form with these values, and at its fields what is wrong or what somebody else saved meanwhile."""
    told_wrong = dict(errors or {})
    drawn = [draw(each, value.get(each.name), told_wrong) for each in settings]
    if following is not None:
        for setting, each in zip(settings, drawn, strict=True):
            each.follows = following.state_of(each.name)
            if each.follows == "own":
                each.template_says = following.said_of(setting)
    if now is not None:
        _beside(settings, drawn, value, now)
    tab = _("Error: %(title)s", title=title) if told_wrong else title
    return page(
        template,
        title,
        tab=tab,
        status=422 if told_wrong else status,
        fields=drawn,
        errors=told_wrong,
        seen=seen,
        back=back,
        is_changed=now is not None,
        last=last,
        following=following,
        concerns=concerns,
        setting_name=setting_name,
        thing_name=thing_name,
        told=told,
        **more,
    )


def _beside(
    settings: Sequence[Setting], drawn: Sequence[Drawn], typed: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    """Put what stands there now beside each field where something else was typed."""
    for each, field in zip(settings, drawn, strict=True):
        held = now.get(each.name)
        if kept_or_new(each, held, typed.get(each.name)) != held:
            field.now = told(each.default if held is None else held) or _("nothing")
