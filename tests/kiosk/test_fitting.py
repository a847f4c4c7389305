"""How a screen comes to its size: the first that fits, in few tries, and in one where it was shown before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import pytest

from kiosk.screens import fitting
from kiosk.screens import window as window_module
from kiosk.screens.fitting import FITS, Fitting, Trial
from kiosk.screens.look import LARGER
from kiosk.screens.window import KioskWindow
from kiosk.visit.screens import Screen
from tests.kiosk.samples import every_screen, settle
from tests.kiosk.test_screens import in_manner

SHARES = tuple(FITS)


@dataclass(eq=False)
class Made:
    """A look, and the frame that was made in it."""

    share: float
    place: int
    letters: float = LARGER
    is_gone: bool = False

    def deleteLater(self) -> None:
        self.is_gone = True


class Wall:
    """A place in which frames fit from one size on, and what was tried there."""

    def __init__(self, share: float, place: int) -> None:
        self.first, self.made = (-share, place), list[Made]()

    def trial(self) -> Trial:
        return Trial(self._looks, self._frame, lambda frame: (-frame.share, frame.place) >= self.first)

    def _looks(self, share: float) -> list[Made]:
        return [Made(share, place) for place in range(len(FITS[share]))]

    def _frame(self, look: Made) -> Made:
        self.made.append(look)
        return look


def find(fitting: Fitting, share: float, place: int, shown: str = "") -> tuple[Made, int]:
    """Return what was found, and in how many tries; of all the others nothing may be left."""
    wall = Wall(share, place)
    frame = fitting.frame(wall.trial(), shown or f"{share} {place}", "a kind")
    assert [each for each in wall.made if not each.is_gone] == [frame]
    return frame, len(wall.made)


WHERE = [(share, place) for share in SHARES for place in range(len(FITS[share]))]


@pytest.mark.parametrize("before", [None, *WHERE], ids=str)
def test_it_is_the_largest_that_fits_whatever_was_there_before(before: tuple[float, int] | None) -> None:
    for where in WHERE:
        fitting = Fitting()
        if before is not None:
            find(fitting, *before)
        frame, _ = find(fitting, *where)
        assert (frame.share, frame.place) == where


@pytest.mark.parametrize("where", WHERE, ids=str)
def test_the_same_is_tried_once_and_what_is_like_it_beside_its_place_only(where: tuple[float, int]) -> None:
    fitting = Fitting()
    frame, _ = find(fitting, *where)
    again, tries = find(fitting, *where)
    assert ((again.share, again.place), tries) == ((frame.share, frame.place), 1)
    _, tries = find(fitting, *where, shown="another of its kind")
    assert tries <= 2 + SHARES.index(where[0])


def test_what_does_not_fit_any_more_is_looked_for_anew() -> None:
    fitting = Fitting()
    find(fitting, 1.0, 2, shown="a page")
    frame, tries = find(fitting, 0.8, 1, shown="a page")
    assert (frame.share, frame.place) == (0.8, 1)
    assert tries > 1


def test_where_nothing_fits_the_smallest_is_shown() -> None:
    wall = Wall(-1.0, 0)
    frame = Fitting().frame(wall.trial(), "a page", "a kind")
    assert (frame.share, frame.place) == (0.0, len(FITS[0.0]) - 1)


def test_it_does_not_remember_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MOST_KEPT", 10)
    kept = Fitting()
    for number in range(100):
        find(kept, 1.0, 0, shown=f"N{number:03d}")
    assert len(kept._kept) <= 11


@pytest.fixture
def built(window: KioskWindow, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the frames that the window makes."""
    counted: Counter[str] = Counter()
    make = window_module.Frame

    def frame(*arguments: object) -> object:
        counted["frames"] += 1
        return make(*arguments)

    monkeypatch.setattr(window_module, "Frame", frame)
    return counted


def large(name: str) -> Screen:
    return in_manner(every_screen("ar")[name], "ar", True)


def shown(window: KioskWindow, screen: Screen) -> tuple[float, float, float]:
    window.show_screen(screen)
    settle()
    look = window.frame.page.look
    return look.theme.scale, look.key_mm, look.letter_mm


def test_a_page_that_was_there_before_is_built_once(window: KioskWindow, built: Counter[str]) -> None:
    first = shown(window, large("ticket_printing"))
    assert built.total() > 1, "control: there is something to remember"
    shown(window, large("start"))
    built.clear()
    assert (shown(window, large("ticket_printing")), built.total()) == (first, 1)
    shown(window, large("start"))
    built.clear()
    ticket = large("ticket_printing")
    shown(window, replace(ticket, ticket=ticket.ticket.model_copy(update={"number": "N987"})))
    assert built.total() <= 2, "nobody had this number, but others had one like it"


def test_what_a_pause_says_takes_room_only_while_it_is_said(window: KioskWindow) -> None:
    window.resize(800, 1280)
    first = shown(window, large("code"))
    shown(window, large("start"))
    shown(window, large("code_paused"))
    shown(window, large("start"))
    assert shown(window, large("code")) == first


def test_another_size_of_the_window_is_another_page(window: KioskWindow) -> None:
    first = shown(window, large("start"))
    window.resize(540, 960)
    assert shown(window, large("start")) != first
    assert window._fits(window.frame)
    window.resize(1080, 1920)
    assert shown(window, large("start")) == first
