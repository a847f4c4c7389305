"""A fixed, seeded set of hard camera frames with booking QRs, from mild to barely readable."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from qrcode.constants import ERROR_CORRECT_M

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_SCAN = 15
CONDITIONS = (
    "rotation",
    "blur",
    "motion",
    "glare",
    "perspective",
    "noise",
    "phone moiré",
    "small",
    "inverted",
    "several at once",
)
EMPTY, FOREIGN = "no code", "another's code"
_CARD = 900


@dataclass(frozen=True, slots=True)
class View:
    """How one frame sees the code: sizes in pixels of the frame, angles in degrees, light from 0 to 255."""

    module: float = 5.0
    angle: float = 0.0
    tilt: float = 0.0
    centre: tuple[float, float] = (WIDTH / 2, HEIGHT / 2)
    blur: float = 0.6
    motion: float = 0.0
    glare: float = 0.0
    noise: float = 2.0
    moire: float = 0.0
    black: float = 40.0
    white: float = 210.0
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """One attempt of a visitor: the text that is right ("" if none), and a second of frames."""

    condition: str
    severity: float
    text: str
    seed: int

    def frames(self, count: int = FRAMES_PER_SCAN) -> Iterator[Gray]:
        """Yield the jittered frames of the scan, always the same for the same seed."""
        rng = np.random.default_rng(self.seed)
        shown = "https://example.org/menu" if self.condition == FOREIGN else self.text
        view = _view(self.condition, self.severity, rng)
        backdrop = _backdrop(rng)
        for _ in range(count):
            yield _photograph(shown, _jittered(view, rng), backdrop, rng)


def scans(per_condition: int = 10, seed: int = 20_251) -> list[Scan]:
    """List the scans: each condition at severities spread evenly from 0 to 1, then frames without our code."""
    rng = np.random.default_rng(seed)
    severities = np.linspace(0.0, 1.0, per_condition)
    listed = [
        Scan(condition, float(severity), _text(rng), int(rng.integers(2**31)))
        for condition in CONDITIONS
        for severity in severities
    ]
    for condition in (EMPTY, FOREIGN):
        listed += [
            Scan(condition, 0.0, "", int(rng.integers(2**31))) for _ in range(max(1, per_condition // 3))
        ]
    return listed


def _text(rng: np.random.Generator) -> str:
    return "NQ1:" + base64.b32encode(rng.bytes(20)).decode("ascii")


def _view(condition: str, severity: float, rng: np.random.Generator) -> View:
    """Choose the view of a condition; every condition has some of everything, and much of its own."""
    angle = float(rng.uniform(-12, 12))
    module = float(rng.uniform(4.0, 7.0))
    s = severity
    views = {
        "rotation": View(
            module, float(rng.uniform(0, 360)), tilt=0.25 * s, blur=0.8 + 0.6 * s, noise=3 + 6 * s
        ),
        "blur": View(module, angle, blur=module * (0.25 + 0.5 * s)),
        "motion": View(module, angle, motion=module * (0.5 + 2.0 * s)),
        "glare": View(module, angle, glare=0.35 + 0.65 * s, black=50 + 50 * s),
        "perspective": View(module, angle, tilt=0.35 + 0.6 * s),
        "noise": View(module, angle, noise=15 + 45 * s, black=30, white=110 - 20 * s),
        "phone moiré": View(module, angle, moire=0.3 + 0.7 * s, glare=0.3 * s, black=35, white=230),
        "small": View(3.2 - 1.7 * s, angle, blur=0.5 + 0.15 * s, noise=3),
        "inverted": View(module, angle, tilt=0.3 * s, blur=0.6 + 1.2 * s, noise=3 + 12 * s, inverted=True),
        "several at once": View(
            3.8 - 0.8 * s,
            float(rng.uniform(0, 360)),
            tilt=0.5 * s,
            blur=0.7 + 0.4 * s,
            motion=1 + 2 * s,
            glare=0.5 * s,
            noise=5 + 10 * s,
            moire=0.25 * s,
        ),
    }
    return views.get(condition, View(module, angle))


def _jittered(view: View, rng: np.random.Generator) -> View:
    """Move the hand, the focus and the light a little."""
    reach = view.module * 12
    x = float(np.clip(view.centre[0] + rng.normal(0, 90), 80 + reach * 1.6, WIDTH - 80 - reach * 1.6))
    y = float(np.clip(view.centre[1] + rng.normal(0, 40), 60 + reach * 1.6, HEIGHT - 60 - reach * 1.6))
    exposure = float(rng.uniform(0.9, 1.1))
    return View(
        module=view.module * float(rng.uniform(0.96, 1.04)),
        angle=view.angle + float(rng.normal(0, 3)),
        tilt=view.tilt * float(rng.uniform(0.85, 1.1)),
        centre=(x, y),
        blur=view.blur * float(rng.uniform(0.75, 1.25)),
        motion=view.motion * float(rng.uniform(0.6, 1.3)),
        glare=view.glare,
        noise=view.noise,
        moire=view.moire * float(rng.uniform(0.8, 1.1)),
        black=view.black * exposure,
        white=view.white * exposure,
        inverted=view.inverted,
    )


def _backdrop(rng: np.random.Generator) -> Floats:
    """Paint a hall behind the code: soft light, edges, blocks, lines of print."""
    coarse = rng.uniform(60, 170, (5, 8)).astype(np.float32)
    wide = Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    drawing = ImageDraw.Draw(wide)
    for _ in range(14):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        drawing.rectangle(
            (x, y, x + rng.uniform(20, 260), y + rng.uniform(10, 200)), fill=float(rng.uniform(20, 230))
        )
    for _ in range(40):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        drawing.text((x, y), "Hala A  okienko 7  7:00-15:00", fill=float(rng.uniform(0, 255)))
    return np.asarray(wide, np.float32)


def _card(text: str, view: View) -> tuple[Image.Image, float]:
    """Draw the code with its quiet zone on a sheet; return it and the pixels of a module on it."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=1, border=4)
    code.add_data(text)
    dark = np.array(code.get_matrix(), bool)
    if view.inverted:
        dark = ~dark
    gray = np.where(dark, view.black, view.white).astype(np.float32)
    scale = _CARD // len(gray)
    big = np.kron(gray, np.ones((scale, scale), np.float32))
    return Image.fromarray(big), float(scale)


def _placed(card: Image.Image, card_module: float, view: View, backdrop: Floats) -> Floats:
    """Turn and tilt the card and lay it on the backdrop, drawn at twice the size so that edges stay true."""
    side = card.width / card_module * view.module
    turn = np.deg2rad(view.angle)
    corners = []
    for u, v in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        x, y = u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)
        depth = 1.0 + view.tilt * x
        narrowed = np.sqrt(max(0.05, 1.0 - 0.5 * view.tilt**2))
        corners.append(
            (2 * (view.centre[0] + side * x * narrowed / depth), 2 * (view.centre[1] + side * y / depth))
        )
    size = card.width
    to_card = _homography(corners, [(0, 0), (size, 0), (size, size), (0, size)])
    shape = (2 * WIDTH, 2 * HEIGHT)
    warped = card.transform(
        shape, Image.Transform.PERSPECTIVE, to_card, Image.Resampling.BILINEAR, fillcolor=-1000.0
    )
    fine = np.asarray(warped, np.float32)
    inside = fine > -1.0
    fine = np.where(inside, fine, np.repeat(np.repeat(backdrop, 2, 0), 2, 1))
    return fine.reshape(HEIGHT, 2, WIDTH, 2).mean((1, 3))


def _homography(source: list[tuple[float, float]], target: list[tuple[float, float]]) -> list[float]:
    """Solve the eight numbers that take the source corners to the target corners."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(n) for n in np.linalg.solve(np.array(rows, float), np.array(values, float))]


def _photograph(text: str, view: View, backdrop: Floats, rng: np.random.Generator) -> Gray:
    """Take the picture: lens, hand, light, screen, sensor, and the camera's own JPEG."""
    scene = backdrop if not text else _placed(*_card(text, view), view, backdrop)
    scene = _blurred(scene, view.blur)
    if view.motion > 0.5:
        scene = _moved(scene, view.motion, float(rng.uniform(0, np.pi)))
    if view.moire:
        scene = scene * _moire(view.moire, rng)
    if view.glare:
        scene = scene + _glare(view, rng)
    shot = rng.normal(0, 1, scene.shape).astype(np.float32)
    scene = scene + shot * (view.noise * np.sqrt(np.clip(scene, 0, 255) / 255 + 0.15))
    out = io.BytesIO()
    Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8)).save(
        out, "JPEG", quality=int(rng.integers(60, 85))
    )
    return np.asarray(Image.open(out), np.uint8)


def _blurred(scene: Floats, radius: float) -> Floats:
    picture = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), np.float32)


def _moved(scene: Floats, length: float, direction: float) -> Floats:
    """Smear along a line of the given length in pixels."""
    steps = max(2, int(np.ceil(length)))
    total = np.zeros_like(scene)
    for part in np.linspace(-0.5, 0.5, steps):
        dx, dy = part * length * np.cos(direction), part * length * np.sin(direction)
        total += np.roll(scene, (round(dy), round(dx)), (0, 1))
    return total / steps


def _moire(strength: float, rng: np.random.Generator) -> Floats:
    """Beat a phone's pixel grid against the sensor's, and let its backlight flicker in rows."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    pattern = np.ones((HEIGHT, WIDTH), np.float32)
    for _ in range(2):
        period, direction = rng.uniform(2.5, 14), rng.uniform(0, np.pi)
        wave = np.sin(
            2 * np.pi * (x * np.cos(direction) + y * np.sin(direction)) / period + rng.uniform(0, 6)
        )
        pattern *= 1 - 0.5 * strength * (0.5 + 0.5 * wave)
    rows = np.sin(2 * np.pi * (y / rng.uniform(120, 400)) + rng.uniform(0, 6))
    return pattern * (1 - 0.3 * strength * (0.5 + 0.5 * rows))


def _glare(view: View, rng: np.random.Generator) -> Floats:
    """Put a bright spot on or near the code; it moves from frame to frame as the sheet does."""
    reach = view.module * 12
    cx = view.centre[0] + rng.normal(0, 0.8) * reach
    cy = view.centre[1] + rng.normal(0, 0.8) * reach
    wide = reach * rng.uniform(0.4, 0.9)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return (420 * view.glare * np.exp(-(((x - cx) / wide) ** 2 + ((y - cy) / (wide * 0.6)) ** 2))).astype(
        np.float32
    )
