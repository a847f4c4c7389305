"""Pictures as a cheap camera takes them: a code on a sheet in a hall, with the faults of lens, hand and light."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from qrcode.constants import ERROR_CORRECT_M

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

WIDTH, HEIGHT = 1280, 720
_CARD = 900
_ROW = np.arange(HEIGHT, dtype=np.float32)[:, np.newaxis]
_COLUMN = np.arange(WIDTH, dtype=np.float32)[np.newaxis, :]


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


def hall(rng: np.random.Generator) -> Floats:
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


def modules_of(text: str) -> NDArray[np.bool_]:
    """Return which modules of a text's QR are dark, rows × columns, with its quiet zone of four."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=1, border=4)
    code.add_data(text)
    return np.array(code.get_matrix(), bool)


def sheet(dark: NDArray[np.bool_], view: View) -> tuple[Image.Image, float]:
    """Draw the modules of a code on a sheet; return it and the pixels of a module on it."""
    if view.inverted:
        dark = ~dark
    gray = np.where(dark, view.black, view.white).astype(np.float32)
    scale = _CARD // max(gray.shape)
    big = np.kron(gray, np.ones((scale, scale), np.float32))
    return Image.fromarray(big), float(scale)


def placed(card: Image.Image, card_module: float, view: View, scene: Floats) -> Floats:
    """Turn and tilt the card and lay it on the scene, drawn at twice the size so that edges stay true."""
    corners = _corners(view, card.width / card_module * view.module, card.height / card_module * view.module)
    left, top = (max(0, int(min(xy[axis] for xy in corners)) - 1) for axis in (0, 1))
    right = min(WIDTH, int(max(x for x, _ in corners)) + 2)
    bottom = min(HEIGHT, int(max(y for _, y in corners)) + 2)
    wide, tall = card.size
    to_card = _homography(
        [(2 * (x - left), 2 * (y - top)) for x, y in corners], [(0, 0), (wide, 0), (wide, tall), (0, tall)]
    )
    shape = (2 * (right - left), 2 * (bottom - top))
    warped = card.transform(
        shape, Image.Transform.PERSPECTIVE, to_card, Image.Resampling.BILINEAR, fillcolor=-1000.0
    )
    fine, behind = np.asarray(warped, np.float32), scene[top:bottom, left:right]
    fine = np.where(fine > -1.0, fine, behind.repeat(2, 0).repeat(2, 1))
    laid = scene.copy()
    laid[top:bottom, left:right] = fine.reshape(bottom - top, 2, right - left, 2).mean((1, 3))
    return laid


def _corners(view: View, wide: float, tall: float) -> list[tuple[float, float]]:
    """Find where the corners of a sheet fall, clockwise from its upper left."""
    turn = np.deg2rad(view.angle)
    narrowed = np.sqrt(max(0.05, 1.0 - 0.5 * view.tilt**2))
    corners = []
    for u, v in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        along, across = u * wide, v * tall
        x, y = along * np.cos(turn) - across * np.sin(turn), along * np.sin(turn) + across * np.cos(turn)
        depth = 1.0 + view.tilt * x / wide
        corners.append((float(view.centre[0] + x * narrowed / depth), float(view.centre[1] + y / depth)))
    return corners


def _homography(source: list[tuple[float, float]], target: list[tuple[float, float]]) -> list[float]:
    """Solve the eight numbers that take the source corners to the target corners."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(n) for n in np.linalg.solve(np.array(rows, float), np.array(values, float))]


def photograph(text: str, view: View, backdrop: Floats, rng: np.random.Generator) -> Gray:
    """Take the picture, rows × columns of brightness: lens, hand, light, screen, sensor, the camera's JPEG."""
    return taken(placed(*sheet(modules_of(text), view), view, backdrop) if text else backdrop, view, rng)


def taken(scene: Floats, view: View, rng: np.random.Generator) -> Gray:
    """Take the picture of a scene, rows × columns of brightness, with the faults of a view."""
    scene = _blurred(scene, view.blur)
    if view.motion > 0.5:
        scene = _moved(scene, view.motion, float(rng.uniform(0, np.pi)))
    if view.moire:
        scene = scene * _moire(view.moire, rng)
    if view.glare:
        scene = scene + _glare(view, rng)
    shot = rng.standard_normal(scene.shape, np.float32) * np.float32(view.noise)
    scene = scene + shot * np.sqrt(np.clip(scene, 0, 255) / np.float32(255) + np.float32(0.15))
    out = io.BytesIO()
    picture = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    picture.save(out, "JPEG", quality=int(rng.integers(60, 85)))
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
    return total / np.float32(steps)


def _moire(strength: float, rng: np.random.Generator) -> Floats:
    """Beat a phone's pixel grid against the sensor's, and let its backlight flicker in rows."""
    pattern = _dimmed(np.sin(_ROW * _wave_number(rng.uniform(120, 400)) + _phase(rng)), 0.3 * strength)
    for _ in range(2):
        wave_number, direction = _wave_number(rng.uniform(2.5, 14)), rng.uniform(0, np.pi)
        across, down = np.float32(np.cos(direction)), np.float32(np.sin(direction))
        wave = np.sin((_COLUMN * across + _ROW * down) * wave_number + _phase(rng))
        pattern = pattern * _dimmed(wave, 0.5 * strength)
    return pattern


def _wave_number(period: float) -> np.float32:
    return np.float32(2 * np.pi / period)


def _phase(rng: np.random.Generator) -> np.float32:
    return np.float32(rng.uniform(0, 2 * np.pi))


def _dimmed(wave: Floats, strength: float) -> Floats:
    """Turn a wave from -1 to 1 into a factor from 1 - strength to 1."""
    return np.float32(1) - np.float32(strength / 2) * (wave + np.float32(1))


def _glare(view: View, rng: np.random.Generator) -> Floats:
    """Put a bright spot on or near the code; it moves from frame to frame as the sheet does."""
    reach = view.module * 12
    x, y = (np.float32(middle + rng.normal(0, 0.8) * reach) for middle in view.centre)
    wide = np.float32(reach * rng.uniform(0.4, 0.9))
    distance = ((_COLUMN - x) / wide) ** 2 + ((_ROW - y) / (wide * np.float32(0.6))) ** 2
    return np.float32(420 * view.glare) * np.exp(-distance)
