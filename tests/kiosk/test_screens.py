"""Every screen in every language, theme and size: nothing is cut off, nothing overlaps, keys are large enough."""

from __future__ import annotations

import html
from dataclasses import replace
from itertools import combinations

import pytest
import zxingcpp
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QImage
from PySide6.QtWidgets import QLabel, QWidget

from kiosk.screens.entry import Lead
from kiosk.screens.frame import two_lines_px
from kiosk.screens.icons import Icon, QrCode
from kiosk.screens.parts import BOLD, PAINTS, Ink, Number, Tile, Words
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import PriorityChosen
from kiosk.visit.screens import Screen
from kiosk.visit.steps import surround
from kiosk.visit.surroundings import Manner, is_open
from terminal.theme import HIGH_CONTRAST, NORMAL, contrast
from tests.kiosk.samples import OFFICE, every_screen, settle, ticket
from wire.messages import PriorityKind
from wire.vocabulary import Priority

NAMES = list(every_screen())
SIZES = [(1080, 1920), (800, 1280), (1366, 768)]
MANNERS = [
    *((language, larger, size) for language in ("pl", "en") for larger in (False, True) for size in SIZES),
    *((language, True, size) for language in ("uk", "ru", "be", "vi", "ar", "ka") for size in SIZES),
    *((language, False, SIZES[0]) for language in ("uk", "ru", "be", "vi", "ar", "ka")),
]


def in_manner(screen: Screen, language: str, larger: bool = False, high: bool = False) -> Screen:
    """Return a screen as a visitor with these wishes sees it."""
    return surround(screen, replace(screen.around, manner=Manner(language, larger, high)))


def place_of(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def clipped(window: KioskWindow) -> list[str]:
    """List the texts of which a part is not seen."""
    found = []
    for words in window.frame.findChildren(Words):
        if not words.isVisible() or not words.text():
            continue
        if words.textFormat() == Qt.TextFormat.RichText:
            needed_width, needed_height = 0, words.heightForWidth(words.width())
        else:
            flags = Qt.TextFlag.TextWordWrap if words.wordWrap() else Qt.TextFlag.TextSingleLine
            field = QRect(0, 0, words.width(), 10_000)
            needed = words.fontMetrics().boundingRect(
                field, flags.value | words.alignment().value, words.text()
            )
            needed_width, needed_height = needed.width(), needed.height()
        place, holder = place_of(words, window), words.parentWidget()
        is_inside = place_of(holder, window).contains(place) and window.rect().contains(place)
        if needed_width > words.width() + 1 or needed_height > words.height() + 1 or not is_inside:
            found.append(f"{words.text()!r}: {needed_width}×{needed_height} in {words.size().toTuple()}")
    return found


def overlapping(window: KioskWindow) -> list[str]:
    places = [(tile.accessibleName(), place_of(tile, window)) for tile in window.frame.tiles()]
    found = [f"{a[0]} / {b[0]}" for a, b in combinations(places, 2) if a[1].intersects(b[1])]
    return found + [name for name, place in places if not window.rect().contains(place)]


@pytest.mark.parametrize(("language", "larger", "size"), MANNERS, ids=str)
def test_nothing_is_cut_off(window: KioskWindow, language: str, larger: bool, size) -> None:
    window.resize(*size)
    for name, screen in every_screen(language).items():
        window.show_screen(in_manner(screen, language, larger))
        settle()
        assert (name, clipped(window)) == (name, [])
        assert (name, overlapping(window)) == (name, [])


@pytest.mark.parametrize("larger", [False, True])
@pytest.mark.parametrize("language", ["pl", "ru", "ka"])
def test_the_digits_of_a_code_are_whole_in_their_boxes(
    window: KioskWindow, language: str, larger: bool
) -> None:
    """The smallest screen has the page small, and its letters as large as eyes need."""
    window.resize(800, 1280)
    window.show_screen(in_manner(every_screen(language)["code"], language, larger))
    settle()
    boxes = window.frame.page.boxes
    digit = QFontMetricsF(boxes._look.font(64, BOLD)).tightBoundingRect("8")
    assert digit.height() * 1.2 < boxes.fields()[0].height()
    assert digit.width() * 1.2 < boxes.fields()[0].width()


SMALLEST = (800, 1280)
ALL_LANGUAGES = ("pl", "en", "uk", "ru", "be", "vi", "ar", "ka")
CROWDED = ("start_alone", "code", "ticket_trouble", "ticket_not_today", "refused_closed", "menu")


@pytest.mark.parametrize("language", ["pl", "ru", "ka", "ar"])
def test_larger_text_is_larger_on_every_screen_and_icons_keep_up_with_it(
    window: KioskWindow, language: str
) -> None:
    """Letters of 25 px and more, where the usual ones have 17; no icon is lower than the capitals beside it."""
    window.resize(*SMALLEST)
    screens = every_screen(language, replace(OFFICE, languages=ALL_LANGUAGES))
    for name in CROWDED:
        window.show_screen(in_manner(screens[name], language, larger=True))
        settle()
        seen = [words for words in window.frame.findChildren(Words) if words.text() and words.isVisible()]
        assert (name, min(words.font().pixelSize() for words in seen)) >= (name, 25)
        letters = QFontMetricsF(window.frame.bar.tiles[-1].findChild(Words).font()).capHeight()
        icons = [icon for icon in window.frame.findChildren(Icon) if icon.isVisible()]
        drawn = [icon.height() * (1 - 2 * icon._margin) for icon in icons]
        assert (name, min(drawn)) >= (name, max(18, letters - 1))
        assert all(code._dot >= 2 for code in window.frame.findChildren(QrCode))
        for tile in window.frame.bar.tiles:
            words, icon = tile.findChild(Words), tile.findChild(Icon)
            assert (name, icon.height()) >= (name, words.font().pixelSize() * 1.15)
            assert (name, words.width()) >= (name, two_lines_px(words)), "never three lines"


def test_lines_from_the_right_stand_close_and_no_letter_of_them_is_cut(window: KioskWindow) -> None:
    """Marks above and below the letters are seen on the last line as on the others."""
    look = replace(window.staff_look(), language="ar")
    words = Words(look, "تأكيد الإلكتروني\nعالٍ لديّ", Ink(40))
    words.resize(600, words.heightForWidth(600))
    type_size = words.font().pixelSize()
    assert words.height() < 2 * 1.8 * type_size
    seen = words.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = [y for y in range(seen.height()) if any(seen.pixelColor(x, y).value() < 128 for x in range(600))]
    assert rows[0] > 0
    assert rows[-1] < seen.height() - 1
    assert rows[-1] > 3 * type_size, "the marks below the last line"


def test_arabic_stands_on_the_right_and_digits_run_as_everywhere(window: KioskWindow) -> None:
    screens = every_screen("ar")
    window.show_screen(in_manner(screens["code"], "ar"))
    settle()
    keys = {tile.accessibleName(): place_of(tile, window).x() for tile in window.frame.page.keys}
    assert keys["1"] < keys["2"] < keys["3"]
    back, help_tile = window.frame.bar.tiles[0], window.frame.bar.tiles[-1]
    assert place_of(help_tile, window).x() < place_of(back, window).x()
    place, clock = (
        next(words for words in window.frame.header.findChildren(Words) if words.text() == said)
        for said in ("Urząd Wojewódzki · Sala A", "09:41")
    )
    assert place_of(clock, window).x() < place_of(place, window).x()
    assert place.alignment() & Qt.AlignmentFlag.AlignRight, "a name in Latin letters keeps to the edge too"
    window.show_screen(in_manner(screens["start"], "ar"))
    settle()
    lead = window.frame.findChild(Lead)
    words = lead.findChild(Words)
    assert lead.width() - words.geometry().right() > 30, "the bar on the right covers no letter"
    assert words.geometry().left() < 10


def test_a_text_that_is_cut_off_would_be_found(window: KioskWindow) -> None:
    window.show_screen(every_screen()["start"])
    settle()
    window.frame.findChildren(Words)[0].setFixedWidth(40)
    assert clipped(window)


@pytest.mark.parametrize(
    ("minutes", "line"),
    [
        ((0, 0), "No wait right now"),
        ((0, 5), "Waiting time now: about 0–5 min"),
        ((5, 5), "Waiting time now: about 5 min"),
    ],
)
def test_the_start_says_plainly_how_long_people_wait(
    window: KioskWindow, minutes: tuple[int, int], line: str
) -> None:
    screen = every_screen()["start"]
    open_now = [offer for offer in screen.around.offers if is_open(offer)][:2]
    offers = tuple(
        offer.model_copy(update={"wait_minutes": each}) for offer, each in zip(open_now, minutes, strict=True)
    )
    window.show_screen(in_manner(replace(screen, around=replace(screen.around, offers=offers)), "en"))
    settle()
    told = [
        words.text().replace("\xa0", " ").replace("\u2060", "") for words in window.frame.findChildren(QLabel)
    ]
    assert any(line in each for each in told), told


def test_long_names_of_services_shrink_the_page_instead_of_being_cut(window: KioskWindow) -> None:
    screen = every_screen()["menu"]
    long = "Przyjmowanie wniosków o udzielenie zezwolenia na pobyt czasowy i pracę – bardzo długa nazwa"
    offers = tuple(
        offer.model_copy(update={"code": letter, "names": {"pl": long}})
        for offer, letter in zip(screen.around.offers * 2, "ABCDEFGH", strict=True)
    )
    window.show_screen(
        in_manner(replace(screen, around=replace(screen.around, offers=offers)), "pl", larger=True)
    )
    settle()
    assert clipped(window) == []
    assert overlapping(window) == []


@pytest.mark.parametrize("size", [(1920, 1080), (800, 480), (480, 800)], ids=str)
@pytest.mark.parametrize("name", ["menu", "which_service"])
def test_seven_services_have_room_on_every_screen(window: KioskWindow, size, name: str) -> None:
    screen = every_screen()[name]
    offers = tuple(
        offer.model_copy(update={"code": letter})
        for offer, letter in zip((*screen.around.offers, *screen.around.offers[:3]), "ABCDEFG", strict=True)
    )
    window.resize(*size)
    window.show_screen(
        in_manner(replace(screen, around=replace(screen.around, offers=offers)), "pl", larger=True)
    )
    settle()
    assert clipped(window) == []
    assert overlapping(window) == []


LONG = "Osoba z niepełnosprawnością w stopniu znacznym albo z opiekunem"
KINDS = (
    *(PriorityKind(code=each) for each in Priority),
    *(PriorityKind(code=f"own_{place}", names={"pl": LONG[:60]}) for place in range(5)),
)


@pytest.mark.parametrize("size", [*SIZES, (1920, 1080), (800, 480), (480, 800)], ids=str)
@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("count", [1, 4, 9])
def test_kinds_of_priority_have_room_on_every_screen(
    window: KioskWindow, size, language: str, count: int
) -> None:
    office = replace(OFFICE, priorities=KINDS[:count])
    window.resize(*size)
    for larger in (False, True):
        window.show_screen(in_manner(every_screen(language, office)["priority"], language, larger))
        settle()
        assert clipped(window) == []
        assert overlapping(window) == []
        kinds = [tile for tile in window.frame.tiles() if isinstance(tile.meaning, PriorityChosen)]
        assert len(kinds) == count + 1


def test_the_office_names_kinds_of_priority_and_ours_have_words_of_ours(window: KioskWindow) -> None:
    own = {"pl": "Kombatant", "uk": "Ветеран"}
    kinds = (
        PriorityKind(code="elderly"),
        PriorityKind(code="elderly", names={"en": "Over 70"}),
        PriorityKind(code="veteran", names=own),
        PriorityKind(code="none_at_all"),
    )
    said = {}
    for language in ("pl", "en"):
        screen = every_screen(language, replace(OFFICE, priorities=kinds))["priority"]
        window.show_screen(in_manner(screen, language))
        settle()
        tiles = [tile for tile in window.frame.tiles() if isinstance(tile.meaning, PriorityChosen)]
        said[language] = [tile.accessibleName().replace("\u00a0", " ") for tile in tiles[1:]]
    assert said["pl"] == ["Podeszły wiek", "Podeszły wiek", "Kombatant", "none at all"]
    assert said["en"] == ["Older age", "Over 70", "Kombatant", "none at all"]


def test_every_screen_changes_with_contrast(window: KioskWindow) -> None:
    for screen in every_screen().values():
        pictures = []
        for high in (False, True):
            window.show_screen(in_manner(screen, "pl", high=high))
            settle()
            pictures.append(window.grab().toImage().pixelColor(5, 1600).lightness())
        assert pictures[0] > 200
        assert pictures[1] < 30


@pytest.mark.parametrize("kind", PAINTS)
def test_tiles_can_be_read(kind: str) -> None:
    paint = PAINTS[kind]
    for palette, least in ((NORMAL, 4.5), (HIGH_CONTRAST, 7.0)):
        ground = getattr(palette, paint.ground or "bad_paper")
        for tint in filter(None, (paint.text, paint.soft)):
            assert contrast(getattr(palette, tint), ground) >= least


def test_keys_are_as_large_as_a_finger_needs(window: KioskWindow) -> None:
    window.show_screen(every_screen()["code"])
    settle()
    theme = window.frame.page.look.theme
    for tile in window.frame.page.keys:
        assert min(tile.width(), tile.height()) >= theme.mm(20)
    places = [place_of(tile, window) for tile in window.frame.page.keys]
    assert places[1].left() - places[0].right() >= theme.mm(3) - 1


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_key_is_ever_below_fifteen_millimetres(window: KioskWindow, size) -> None:
    window.resize(*size)
    for screen in every_screen().values():
        window.show_screen(in_manner(screen, "pl", larger=True))
        settle()
        for tile in window.frame.tiles():
            assert tile.height() >= window.frame.page.look.theme.mm(15), tile.accessibleName()


def test_help_is_in_the_same_place_on_every_screen(window: KioskWindow) -> None:
    places = set()
    for screen in every_screen().values():
        window.show_screen(screen)
        settle()
        rect = place_of(window.frame.bar.tiles[-1], window)
        places.add((rect.left() // 24, rect.center().y() // 24))
    assert len(places) <= 2
    assert max(y for _, y in places) - min(y for _, y in places) <= 1


def test_the_number_is_huge_and_fits(window: KioskWindow) -> None:
    screen = every_screen()["ticket_trouble"]
    for number in ("P042", "W1042"):
        window.show_screen(replace(screen, ticket=ticket(number)))
        settle()
        shown = window.frame.findChild(Number)
        font = shown.font_that_fits()
        assert font.pixelSize() > 180
        assert shown.text() == number


def test_a_ticket_given_alone_that_was_not_printed_is_not_to_be_kept(window: KioskWindow) -> None:
    keys = ("ticket.alone", "ticket.printed", "ticket.trouble", "ticket.alone_trouble")
    for name, told in (
        ("ticket_trouble", ["ticket.trouble"]),
        ("ticket_alone", ["ticket.alone", "ticket.printed"]),
        ("ticket_alone_trouble", ["ticket.alone_trouble"]),
    ):
        screen = every_screen()[name]
        window.show_screen(screen)
        settle()
        look, words = window.frame.page.look, {each.text() for each in window.frame.findChildren(QLabel)}
        hour = look.hour(screen.ticket.issued_at)
        assert [key for key in keys if look.say(key, hour=hour) in words] == told


def test_the_code_for_the_phone_is_read_by_another_program(window: KioskWindow) -> None:
    for high in (False, True):
        window.show_screen(in_manner(every_screen()["ticket_printed"], "pl", high=high))
        settle()
        assert window.frame.findChild(QrCode) is not None
        image = window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        rows = memoryview(image.constBits()).cast("B", (image.height(), image.bytesPerLine()))
        texts = [code.text for code in zxingcpp.read_barcodes(rows)]
        assert texts == [ticket().track_url]


def test_names_from_outside_are_never_markup(window: KioskWindow) -> None:
    nasty = "<img src=x onerror=alert(1)><b>P</b>"
    screen = every_screen()["ticket_printed"]
    service = screen.ticket.service.model_copy(update={"name": nasty})
    screen = replace(screen, ticket=screen.ticket.model_copy(update={"service": service}))
    window.show_screen(screen)
    shown = [words for words in window.frame.findChildren(Words) if "img" in words.text()]
    assert [words.textFormat() for words in shown] == [Qt.TextFormat.PlainText]
    rich = [
        words for words in window.frame.findChildren(Words) if words.textFormat() == Qt.TextFormat.RichText
    ]
    assert rich == []
    window.show_screen(in_manner(screen, "ar"))
    (shown,) = [words for words in window.frame.findChildren(Words) if "img" in words.text()]
    assert html.escape(shown.text()) in QLabel.text(shown)
    assert "<img" not in QLabel.text(shown)


def test_eight_languages_have_room(window: KioskWindow) -> None:
    office = replace(OFFICE, languages=ALL_LANGUAGES)
    screen = every_screen(office=office)["start"]
    for larger in (False, True):
        window.show_screen(in_manner(screen, "pl", larger))
        settle()
        assert len(window.frame.languages.findChildren(Tile)) == 8
        assert clipped(window) == []
        assert overlapping(window) == []
