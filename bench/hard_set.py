"""A fixed, seeded set of hard camera frames with booking QRs, from mild to barely readable."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.photograph import HEIGHT, WIDTH, Gray, View, hall, photograph

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
        backdrop = hall(rng)
        for _ in range(count):
            yield photograph(shown, jittered(view, rng), backdrop, rng)


def scans(per_condition: int = 10, seed: int = 20_251) -> list[Scan]:
    """List the scans: each condition at severities spread evenly from 0 to 1, then frames without our code."""
    rng = np.random.default_rng(seed)
    severities = np.linspace(0.0, 1.0, per_condition)
    listed = [
        Scan(condition, float(severity), text_of(rng), int(rng.integers(2**31)))
        for condition in CONDITIONS
        for severity in severities
    ]
    for condition in (EMPTY, FOREIGN):
        listed += [
            Scan(condition, 0.0, "", int(rng.integers(2**31))) for _ in range(max(1, per_condition // 3))
        ]
    return listed


def text_of(rng: np.random.Generator) -> str:
    """Draw the text of a booking QR."""
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


def jittered(view: View, rng: np.random.Generator) -> View:
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
