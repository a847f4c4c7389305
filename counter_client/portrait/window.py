"""The whole window in words: what every view is given to show."""

from __future__ import annotations

from counter_client import commands
from counter_client.portrait.alone import with_line
from counter_client.portrait.card import ticket_face
from counter_client.portrait.faces import Button, Header, SignInFace, WindowFace
from counter_client.portrait.lists import list_face
from counter_client.portrait.questions import dialog_face
from counter_client.portrait.voice import SHORTCUTS, Voice
from counter_client.state import Desk, Key, Main, Said
from terminal.texts import own_name
from wire.messages import CounterSnapshot, Trouble

BUTTONS = (
    Key.RECALL,
    Key.FINISH,
    Key.NO_SHOW,
    Key.PARK,
    Key.TRANSFER,
    Key.PUT_BACK,
    Key.WITHDRAW,
    Key.PAUSE,
    Key.ISSUE,
    Key.CLOSE,
    Key.SIGN_OUT,
)
MENU_WORDS = ("mini", "large", "contrast", "language", "keys", "sign_out", "close", "issue")


def window_face(voice: Voice, desk: Desk) -> WindowFace:
    """Describe the whole window."""
    said = _said(voice, desk.said) if desk.said else ""
    face = WindowFace(
        header=_header(voice, desk),
        sign_in=_sign_in(voice, desk, said) if desk.clerk is None else None,
        ticket=ticket_face(voice, desk),
        buttons=_buttons(voice, desk),
        list=list_face(voice, desk),
        today=_today(voice, desk.snapshot),
        dialog=dialog_face(voice, desk.dialog, desk.can_print) if desk.dialog else None,
        trouble=_trouble(voice, desk.snapshot.troubles if desk.snapshot else []),
        attention=_attention(voice, desk.snapshot) if desk.snapshot else "",
        said=said,
        tone=desk.said.tone.value if desk.said else "plain",
        waiting=voice.waiting(desk.snapshot),
        words=_words(voice),
    )
    return with_line(voice, desk, face)


def _words(voice: Voice) -> dict[str, str]:
    words = {word: voice.say(f"key.{word}") for word in MENU_WORDS}
    return words | {
        "program": voice.say("program"),
        "placeholder": voice.say("verify.placeholder"),
        "check": voice.say("verify.check"),
        "verify": voice.say("verify.label"),
    }


def _header(voice: Voice, desk: Desk) -> Header:
    keys = commands.offered(desk)
    pause = voice.say("key.pause" if desk.is_open else "key.open") if desk.snapshot else ""
    return Header(
        place=_place(voice, desk),
        link=voice.say("link.here" if desk.connected else "link.gone"),
        is_linked=desk.connected,
        clerk=_short_name(desk.clerk.name) if desk.clerk else "",
        pause=pause,
        can_close=Key.CLOSE in keys,
        can_sign_out=Key.SIGN_OUT in keys,
    )


def _place(voice: Voice, desk: Desk) -> str:
    if desk.snapshot is not None:
        return voice.say("place", counter=desk.snapshot.number, hall=desk.snapshot.hall.name)
    if desk.device is not None and desk.device.counter is not None:
        return voice.say("place", counter=desk.device.counter, hall=desk.device.hall.name)
    return voice.say("program")


def _sign_in(voice: Voice, desk: Desk, said: str) -> SignInFace:
    busy = desk.under_way is not None
    others = [language for language in voice.texts.languages if language != voice.language]
    return SignInFace(
        title=voice.say("sign_in.title"),
        place=_place(voice, desk),
        login=voice.say("sign_in.login"),
        password=voice.say("sign_in.password"),
        enter=voice.say("sign_in.busy" if busy else "sign_in.enter"),
        said=said,
        hint="" if desk.connected else voice.say("sign_in.connecting"),
        other_language=own_name(others[0]) if others else "",
        can_enter=desk.connected and not busy,
    )


def _buttons(voice: Voice, desk: Desk) -> tuple[Button, ...]:
    keys, main = commands.offered(desk), commands.main_of(desk)
    buttons = []
    if main is not None:
        label, short = voice.say(f"main.{main.value}"), voice.say(f"main_short.{main.value}")
        buttons.append(Button(Key.MAIN, label, short, SHORTCUTS[Key.MAIN], desk.is_ready))
    with_ticket = desk.current is not None
    for key in BUTTONS:
        if (
            key not in keys
            or (with_ticket and key in (Key.ISSUE, Key.PAUSE))
            or (main is Main.OPEN and key is Key.PAUSE)
        ):
            continue
        word = "open" if key is Key.PAUSE and not desk.is_open else key.value
        label, short = voice.say(f"key.{word}"), voice.say(f"key_short.{word}")
        buttons.append(Button(key, label, short, SHORTCUTS[key], desk.is_ready))
    return tuple(buttons)


def _today(voice: Voice, snapshot: CounterSnapshot | None) -> tuple[tuple[str, str], ...]:
    if snapshot is None:
        return ()
    figures, none = snapshot.figures, voice.say("today.none")
    mean = figures.mean_service_seconds
    share = figures.within_target_share
    return (
        (voice.say("today.served"), str(figures.served)),
        (voice.say("today.mean"), none if mean is None else f"{mean // 60}:{mean % 60:02d}"),
        (voice.say("today.no_show"), str(figures.no_show)),
        (
            voice.say("today.target", minutes=figures.target_wait_minutes),
            none if share is None else f"{round(share * 100)} %",
        ),
    )


def _attention(voice: Voice, snapshot: CounterSnapshot) -> str:
    """Say the most urgent thing: another's call, one's own, a message, a call that somebody answers already."""
    answer, help_key = SHORTCUTS[Key.ANSWER], SHORTCUTS[Key.HELP]
    call = commands.unanswered(snapshot)
    if call is not None:
        return voice.say("attention.call", counter=call.counter, press=answer)
    own = next((each for each in snapshot.help if each.counter == snapshot.number), None)
    if own is not None and own.accepted_by is not None:
        return voice.say("attention.own_accepted", name=own.accepted_by, press=help_key)
    if own is not None:
        return voice.say("attention.own", press=help_key)
    if snapshot.messages:
        return voice.say("attention.message", text=snapshot.messages[0].text, press=answer)
    if snapshot.help:
        first = snapshot.help[0]
        return voice.say("attention.accepted", counter=first.counter, name=first.accepted_by or "")
    return ""


def _said(voice: Voice, said: Said) -> str:
    facts = {key: voice.device(fact) if key == "kiosk" else fact for key, fact in said.facts.items()}
    return voice.say(f"said.{said.key}", **facts)


def _trouble(voice: Voice, troubles: list[Trouble]) -> str:
    if not troubles:
        return ""
    first = troubles[0]
    own = [trouble for trouble in troubles if trouble.device == first.device]
    # A kiosk without paper tells it of its printer and of its paper: once is enough.
    has_printer = any(trouble.part == "printer" for trouble in own)
    told = [trouble for trouble in own if not (has_printer and trouble.part == "paper")]
    words = ", ".join(_trouble_words(voice, trouble) for trouble in told)
    hour = voice.texts.hour(first.since)
    line = voice.say("trouble.line", device=voice.device(first.device), words=words, hour=hour)
    others = len({trouble.device for trouble in troubles}) - 1
    return f"{line}, {voice.texts.say_count(voice.language, 'trouble.more', others)}" if others else line


def _trouble_words(voice: Voice, trouble: Trouble) -> str:
    own = voice.choose(f"trouble.{trouble.part}_{trouble.state}")
    if own is None and trouble.part.startswith("second_"):
        first = trouble.model_copy(update={"part": trouble.part.removeprefix("second_")})
        return voice.say("trouble.second_printer", words=_trouble_words(voice, first))
    words = (f"printer_{trouble.state}", trouble.part, "other")
    return own or voice.choose(*(f"trouble.{word}" for word in words)) or trouble.part


def _short_name(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{first[:1]}. {rest}" if rest else name
