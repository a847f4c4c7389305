"""Pictures of a booking's QR: as it stands on a confirmation, and as the kiosk's camera sees it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import qrcode
from PIL import Image, ImageDraw, ImageFilter

FRAME = (1280, 720)
_WALL, _FLOOR, _PAPER = 92, 70, 236


def qr_picture(text: str) -> Image.Image:
    """Draw a QR with its quiet zone, 8 pixels a module."""
    code = qrcode.QRCode(border=4, box_size=8, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    return code.make_image(image_factory=None).get_image().convert("L")


def hall_frame() -> Image.Image:
    """Draw what the camera sees while nobody stands before it."""
    frame = Image.new("L", FRAME, _WALL)
    ImageDraw.Draw(frame).rectangle((0, FRAME[1] * 2 // 3, *FRAME), fill=_FLOOR)
    return frame


def camera_frame(text: str, degrees: float = 9.0) -> Image.Image:
    """Draw a frame in which somebody holds a confirmation up: a turned sheet, a little out of focus."""
    sheet = Image.new("L", (420, 520), _PAPER)
    code = qr_picture(text)
    sheet.paste(code.resize((330, 330)), (45, 45))
    pen = ImageDraw.Draw(sheet)
    for line in range(4):
        pen.rectangle((45, 400 + 26 * line, 330 - 40 * line, 410 + 26 * line), fill=120)
    mask = Image.new("L", sheet.size, 255).rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC)
    sheet = sheet.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC)
    frame = hall_frame()
    frame.paste(sheet, (430, 60), mask)
    return frame.filter(ImageFilter.GaussianBlur(0.8))


def keep_qr_pictures(folder: Path, reservations: list[dict[str, Any]], zone: ZoneInfo) -> None:
    """Write a picture for each reservation; its name says what the kiosk will say, service, hour and code."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for each in reservations:
        hour = datetime.fromisoformat(each["appointment_at"]).astimezone(zone).strftime("%H%M")
        qr_picture(each["qr"]).save(folder / f"{each['expect']}-{each['service']}-{hour}-{each['code']}.png")
