"""How one printer is driven: its address, paper and time limits."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

from printers.slip import Cut

Completion = Literal["auto", "report", "status", "none"]
TextKind = Literal["auto", "native", "raster"]


class SettingsError(ValueError):
    """A setting that cannot be; the text names it and what is allowed."""


@dataclass(frozen=True)
class PrinterSettings:
    """Settings of a printer; raise SettingsError for a wrong one.

    `profile` is a python-escpos profile ("simple" for a printer that ignores centring); `width_dots` 0 takes
    the profile's width, else 576. `completion`: how the end of a job is known: "report" asks for GS ( H,
    "status" asks after the job, "auto" finds out, "none" is for a printer that never answers.
    `text`: "native" sets texts in the printer's own letters where its code pages have them all, "raster" draws
    them, "auto" is native on a model that the profile names.
    A job that cannot start within `start_seconds` fails; one not done within `job_seconds` is unknown.
    """

    device: str
    profile: str = "default"
    width_dots: int = 0
    completion: Completion = "auto"
    cut: Cut = "part"
    text: TextKind = "auto"
    native_qr: bool = False
    logo: str | None = None
    free_lines: tuple[str, ...] = ()
    poll_seconds: float = 1.0
    answer_seconds: float = 0.7
    start_seconds: float = 5.0
    job_seconds: float = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "free_lines", tuple(self.free_lines))
        if self.width_dots and not 200 <= self.width_dots <= 2000:
            raise SettingsError(f"printer.width_dots: {self.width_dots} is not 0 or between 200 and 2000")
        kinds = (("completion", get_args(Completion)), ("cut", get_args(Cut)), ("text", get_args(TextKind)))
        for name, allowed in kinds:
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"printer.{name}: {getattr(self, name)!r} is not one of {', '.join(allowed)}"
                )
        for field in fields(self):
            if field.name.endswith("_seconds") and not 0 < getattr(self, field.name) <= 600:
                raise SettingsError(f"printer.{field.name}: must be above 0 and at most 600 seconds")
