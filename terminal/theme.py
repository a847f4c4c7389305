"""One look for the three programs: the tokens of the design as colours, type and lengths."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import cached_property

from PySide6.QtGui import QColor, QFont, QFontDatabase, QScreen

FAMILIES = ("Inter", "Noto Sans", "Noto Sans Arabic", "Noto Sans Georgian")
FONT_PACKAGES = {"Inter": "fonts-inter", "Noto Sans": "fonts-noto-core"}

KIOSK_DESIGN = (1080, 1920)
BOARD_DESIGN = (1920, 1080)

STEPS = (26, 30, 34, 40, 50, 64)
BOARD_STEP = 360
MM_PER_INCH = 25.4
PLAUSIBLE_DPI = (20.0, 400.0)


@dataclass(frozen=True)
class Palette:
    """The colours by their use; a pair that shows text is listed in PAIRS and its contrast is tested."""

    ink: str
    ink_soft: str
    paper: str
    mist: str
    line: str
    primary: str
    on_primary: str
    primary_deep: str
    on_deep: str
    call: str
    night: str
    night_panel: str
    night_line: str
    on_night: str
    on_night_soft: str
    called_paper: str
    called_ink: str
    ok: str
    ok_paper: str
    bad: str
    bad_paper: str

    def color(self, token: str) -> QColor:
        """Give one token as a colour for painters."""
        return QColor(getattr(self, token))


NORMAL = Palette(
    ink="#0F1C2E",
    ink_soft="#4A5A70",
    paper="#FFFFFF",
    mist="#EEF2F7",
    line="#D5DDE8",
    primary="#0B4A8F",
    on_primary="#FFFFFF",
    primary_deep="#083663",
    on_deep="#FFFFFF",
    call="#FFC42E",
    night="#0A1626",
    night_panel="#12243A",
    night_line="#28405F",
    on_night="#FFFFFF",
    on_night_soft="#A9BBD3",
    called_paper="#FFF0C9",
    called_ink="#5C4300",
    ok="#0A7043",
    ok_paper="#E3F4EA",
    bad="#A8201A",
    bad_paper="#FCEBEA",
)

HIGH_CONTRAST = Palette(
    ink="#FFFFFF",
    ink_soft="#F2F2F2",
    paper="#000000",
    mist="#000000",
    line="#FFFFFF",
    primary="#FFE14A",
    on_primary="#000000",
    primary_deep="#000000",
    on_deep="#FFFFFF",
    call="#FFE14A",
    night="#000000",
    night_panel="#000000",
    night_line="#FFFFFF",
    on_night="#FFFFFF",
    on_night_soft="#F2F2F2",
    called_paper="#FFE14A",
    called_ink="#000000",
    ok="#7DFFB0",
    ok_paper="#000000",
    bad="#FFB9B3",
    bad_paper="#000000",
)

PAIRS = (
    ("ink", "paper"),
    ("ink", "mist"),
    ("ink_soft", "paper"),
    ("ink_soft", "mist"),
    ("primary", "paper"),
    ("primary", "mist"),
    ("on_primary", "primary"),
    ("on_deep", "primary_deep"),
    ("call", "night"),
    ("night", "call"),
    ("call", "night_panel"),
    ("on_night", "night"),
    ("on_night", "night_panel"),
    ("on_night_soft", "night"),
    ("on_night_soft", "night_panel"),
    ("called_ink", "called_paper"),
    ("ok", "ok_paper"),
    ("ok", "paper"),
    ("bad", "bad_paper"),
    ("bad", "paper"),
)


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of two sRGB colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True)
class Theme:
    """A palette at the size of one screen; `scale` is screen pixels per pixel of the design."""

    palette: Palette = NORMAL
    scale: float = 1.0
    pixels_per_mm: float = 96 / MM_PER_INCH

    def px(self, length: float) -> int:
        """Scale a length of the design (pixels at 1080) to pixels of this screen, at least 1."""
        return max(1, round(length * self.scale))

    def mm(self, length: float) -> int:
        """Turn millimetres on the glass into pixels of this screen."""
        return max(1, round(length * self.pixels_per_mm))

    def color(self, token: str) -> QColor:
        """Give one colour token for painters."""
        return self.palette.color(token)

    def font(self, step: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Give the type of the house, `step` design pixels high, with tabular figures."""
        font = QFont(list(FAMILIES))
        font.setPixelSize(self.px(step))
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        # A zero with a slash: in N001 and T001 letters and digits must not look alike.
        font.setFeature(QFont.Tag("zero"), 1)
        return font

    def style(self, sheet: str) -> str:
        """Fill a Qt style sheet: `$token` is a colour, `px(24)` a scaled length.

        Raises KeyError at a token that the palette does not have.
        """
        sheet = re.sub(r"\$(\w+)", lambda found: self._colors[found[1]], sheet)
        return re.sub(r"\bpx\((\d+(?:\.\d+)?)\)", lambda found: f"{self.px(float(found[1]))}px", sheet)

    @cached_property
    def _colors(self) -> dict[str, str]:
        return asdict(self.palette)


def theme_for(width: int, height: int, design: tuple[int, int], palette: Palette = NORMAL) -> Theme:
    """Make the theme that fits `design` (pixels) into an area of `width` × `height` pixels."""
    return Theme(palette, min(width / design[0], height / design[1]))


def theme_for_screen(screen: QScreen, design: tuple[int, int], palette: Palette = NORMAL) -> Theme:
    """Make the theme of a whole screen, with its real millimetres where the screen knows them."""
    size = screen.geometry().size()
    dpi = screen.physicalDotsPerInch()
    if not PLAUSIBLE_DPI[0] <= dpi <= PLAUSIBLE_DPI[1]:
        dpi = screen.logicalDotsPerInch()
    scale = min(size.width() / design[0], size.height() / design[1])
    return Theme(palette, scale, dpi / MM_PER_INCH)


def missing_fonts() -> list[str]:
    """List the Debian packages of fonts that the theme needs and this system lacks."""
    families = set(QFontDatabase.families())
    return [package for family, package in FONT_PACKAGES.items() if family not in families]
