"""The questions inside the window, in words."""

from __future__ import annotations

from counter_client.portrait.faces import DialogFace
from counter_client.portrait.voice import SHORTCUTS, Voice
from counter_client.state import Choice, Dialog, DialogKind, Key

HELP = ("main", "recall", "finish", "no_show", "park", "transfer", "withdraw", "verify", "parked", "pause")
HELP_MORE = ("undo", "close", "issue", "waiting", "no_shows", "finished", "help", "answer", "sign_out")


def dialog_face(voice: Voice, dialog: Dialog, can_print: bool) -> DialogFace:
    """Describe a question with its lines and their keys."""
    if dialog.kind is DialogKind.KEYS:
        lines = [(SHORTCUTS[Key(word)], voice.say(f"keys.{word}")) for word in (*HELP, *HELP_MORE)]
        lines += [("Esc", voice.say("keys.escape")), ("Ctrl+M", voice.say("keys.mini"))]
        return DialogFace(
            voice.say("dialog.keys"), "", tuple(lines), voice.say("dialog.close"), is_choice=False
        )
    if dialog.kind is DialogKind.ISSUED and dialog.issued is not None:
        words = ["dialog.print", "dialog.done"] if can_print else ["dialog.done"]
        lines = [(str(place), voice.say(word)) for place, word in enumerate(words, start=1)]
        hint = voice.say("dialog.issued_hint")
        number = dialog.issued.number
        title, foot = voice.say("dialog.issued"), voice.say("dialog.foot")
        return DialogFace(title, hint, tuple(lines), foot, number=number)
    title = voice.say(f"dialog.{dialog.kind.value}", number=dialog.number)
    if dialog.kind is DialogKind.MISSING:
        return _missing(voice, dialog, title)
    hinted = dialog.kind in (DialogKind.REASON, DialogKind.WITHDRAW, DialogKind.REOPEN)
    return DialogFace(
        title=title,
        hint=voice.say(f"dialog.{dialog.kind.value}_hint") if hinted else "",
        lines=tuple(
            (str(place) if place < 10 else "", _choice(voice, choice))
            for place, choice in enumerate(dialog.choices, start=1)
        ),
        foot=voice.say("dialog.foot_arrows" if len(dialog.choices) > 9 else "dialog.foot"),
        note=voice.say("dialog.note") if dialog.kind is DialogKind.TRANSFER else None,
    )


def _missing(voice: Voice, dialog: Dialog, title: str) -> DialogFace:
    """Describe the question which documents were missing: digits pick, Enter finishes."""
    documents, lines = dialog.choices[:-1], []
    for place, choice in enumerate(documents, start=1):
        text = voice.choose(f"document.{choice.value}") or choice.value
        lines.append((str(place) if place < 10 else "", text))
    lines.append(("Enter", voice.say("dialog.missing_finish")))
    picked = frozenset(place for place, choice in enumerate(documents) if choice.value in dialog.picked)
    hint, foot = voice.say("dialog.missing_hint"), voice.say("dialog.missing_foot")
    return DialogFace(title, hint, tuple(lines), foot, picked=picked)


def _choice(voice: Voice, choice: Choice) -> str:
    if choice.kind == "counter":
        state = voice.say(f"state.{choice.shown}")
        return f"{voice.say('counter', counter=choice.value)} – {state}"
    if choice.shown is not None:
        return f"{choice.value} · {choice.shown}"
    return voice.named(f"{choice.kind}.{choice.value}", dict(choice.names))
