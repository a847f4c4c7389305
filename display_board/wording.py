"""A board's state in the words of the hall: which sentences stand where, in which languages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from string import ascii_uppercase, digits

from display_board.board import Board, Moment
from display_board.numbers import in_words
from display_board.views.face import BETWEEN, CalledNumber, Face, Row, WaitingRow
from display_board.views.sections import WAITING_ROOM
from terminal.texts import Texts
from wire.messages import BoardCall
from wire.settings import WayToCounters

FLASHES = 3
FLASH_SECONDS = 1.0
PAGE_SECONDS = 10.0
NOTICE_LETTERS = 150
ARROWS = {"left": "←", "right": "→", "ahead": "↑", "back": "↓", "ahead_left": "↖", "ahead_right": "↗"}


class Words(ABC):
    """The texts of a display in the languages of its branch, the first one leading."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._languages = ["pl", "en"]

    def use_languages(self, languages: Sequence[str]) -> None:
        """Take the branch's languages; those without texts are left out."""
        known = [language for language in languages if language in self._texts.languages]
        self._languages = known or self._languages

    def use_zone(self, zone: str) -> None:
        """Write hours in this zone."""
        self._texts.use_zone(zone)

    @abstractmethod
    def face(self, board: Board, moment: Moment, is_time_known: bool) -> object:
        """Write everything that the display shows at this moment."""

    def shows(self, board: Board, call: int) -> bool:
        """Say whether the call of this id is the one that everybody is to see."""
        return board.shown is not None and board.shown.id == call

    def _two(self, key: str) -> tuple[str, ...]:
        # Two languages are what a heading has room for; the rest reads the numbers.
        return tuple(self._texts.say(language, key) for language in self._languages[:2])

    def _both(self, key: str) -> str:
        return BETWEEN.join(self._two(key))

    def _sign(self, board: Board) -> str:
        return self._texts.say(self._languages[0], "no_connection") if board.has_sign else ""


class Wording(Words):
    """Write the face of a hall's board, and what its voice says."""

    def __init__(self, texts: Texts, ways: Iterable[WayToCounters] = ()) -> None:
        """Write with these texts, and an arrow beside the counters of each row of `ways`."""
        super().__init__(texts)
        self._arrows = {counter: ARROWS[row.way] for row in ways for counter in row.counters}

    def face(self, board: Board, moment: Moment, is_time_known: bool) -> Face:
        """Write everything that the board shows at this moment."""
        first = self._languages[0]
        snapshot = board.snapshot
        return Face(
            place=f"{snapshot.branch.name}{BETWEEN}{snapshot.hall.name}" if snapshot else "",
            branch=snapshot.branch.name if snapshot else "",
            hall=snapshot.hall.name if snapshot else "",
            day=self._texts.day(first, moment.now) if is_time_known else "",
            hour=self._texts.hour(moment.now) if is_time_known else "",
            called=self._called(board, moment),
            rest=self._rest("wait" if snapshot else "connecting", moment),
            number_heading=self._both("heading.number") if snapshot else "",
            counter_heading=self._both("heading.counter") if snapshot else "",
            rows=tuple(
                Row(call.number, self._counter(call), board.shown is not None and call.id == board.shown.id)
                for call in board.recent
            ),
            waiting_heading=self._both("heading.waiting") if snapshot else "",
            waiting=_page_of_waiting(board, moment),
            nobody=self._two("nobody_waits") if snapshot else (),
            notice=self._notice(board, moment),
            checkpoint=self._checkpoint(board),
            sign=self._sign(board),
            hall_code=board.hall_code,
            hall_code_lines=tuple(self._texts.say(each, "paperless") for each in self._languages[:2]),
        )

    def wall_time(self, now: datetime) -> time:
        """Give the hour of the branch's wall clock."""
        return now.astimezone(self._texts.zone).time()

    def spoken(self, call: BoardCall) -> list[tuple[str, str]]:
        """Write a call as it is read aloud: languages with their sentences, the leading one and the ticket's."""
        own = [call.language] if call.language in self._texts.languages else []
        languages = dict.fromkeys((self._languages[0], *own))
        return [(language, self._sentence(language, call)) for language in languages]

    def _sentence(self, language: str, call: BoardCall) -> str:
        """Spell the letters of a number and count its figures: `pe czterdzieści dwa, stanowisko siedem`."""
        names = dict(zip(ascii_uppercase, self._texts.say(language, "voice.letters").split(), strict=False))
        series = call.number.rstrip(digits)
        ordinal = call.number.removeprefix(series)
        letters = (names.get(letter, letter).replace("-", " ") for letter in series)
        return self._texts.say(
            language,
            "voice.call",
            letter=" ".join(letters),
            number=in_words(language, int(ordinal)) if ordinal else "",
            counter=in_words(language, call.counter),
        )

    def _called(self, board: Board, moment: Moment) -> CalledNumber | None:
        call, first = board.shown, self._languages[0]
        if call is None:
            return None
        has_second = call.language != first and call.language in self._texts.languages
        return CalledNumber(
            number=call.number,
            counter=self._counter(call),
            calling=BETWEEN.join(self._calling(call.language)),
            counter_word=self._texts.say(first, "counter"),
            second=self._texts.say(call.language, "counter") if has_second else "",
            lit=is_lit(board, moment),
        )

    def _counter(self, call: BoardCall) -> str:
        return f"{self._arrows.get(call.counter, '')} {call.counter}".strip()

    def _checkpoint(self, board: Board) -> tuple[str, str]:
        found = board.snapshot.checkpoint if board.snapshot else None
        if found is None:
            return "", ""
        return self._texts.say(self._languages[0], "checkpoint", day=found.day.isoformat()), found.code

    def _calling(self, language: str) -> list[str]:
        """Say that somebody is called in the leading language and the ticket's; else in the second one."""
        first, *others = self._languages
        has_own = language != first and language in self._texts.languages
        second = [language] if has_own else others[:1]
        return [self._texts.say(each, "calling") for each in (first, *second)]

    def _rest(self, key: str, moment: Moment) -> tuple[str, ...]:
        """Say a sentence in the leading language, and in one of the others after the other."""
        first, *others = self._languages
        turn = [others[int(moment.at / PAGE_SECONDS) % len(others)]] if others else []
        return tuple(self._texts.say(language, key) for language in (first, *turn))

    def _notice(self, board: Board, moment: Moment) -> str:
        if board.snapshot is None:
            return ""
        notices = board.snapshot.notices
        pages = [
            page
            for language in self._languages
            for page in pages_of(notices.get(language, ""), NOTICE_LETTERS)
        ]
        return pages[int(moment.at / PAGE_SECONDS) % len(pages)] if pages else ""


def is_lit(board: Board, moment: Moment) -> bool:
    """Say whether the flash is on: FLASHES times, once a second, lit for the first half of each."""
    if board.shown_at is None:
        return False
    turn, part = divmod((moment.at - board.shown_at) / FLASH_SECONDS, 1)
    return 0 <= turn < FLASHES and part < 0.5


def pages_of(text: str, letters: int) -> list[str]:
    """Cut a text between words into pages of at most `letters` letters, longer only for one long word."""
    pages: list[str] = []
    for word in text.split():
        if pages and len(pages[-1]) + 1 + len(word) <= letters:
            pages[-1] += f" {word}"
        else:
            pages.append(word)
    return pages


def _page_of_waiting(board: Board, moment: Moment) -> tuple[WaitingRow, ...]:
    lines = [WaitingRow(tuple(line.numbers), line.total) for line in board.waiting if line.total]
    if len(lines) <= WAITING_ROOM:
        return tuple(lines)
    pages = -(-len(lines) // WAITING_ROOM)
    start = int(moment.at / PAGE_SECONDS) % pages * WAITING_ROOM
    return tuple(lines[start : start + WAITING_ROOM])
