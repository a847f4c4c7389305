"""Plots: drawn by a process of their own in both themes, each content once, whatever stands in their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from server.adapters.plots import PlotRenderer
from server.adapters.press import Press
from server.services.ports import NotWritten, Plot, PlotMark
from tests.server.adapters.test_pdf_renderer import child

HOSTILE = "</text><script>alert(1)</script>&\"'\u202e\n=datum.value"
BARS = Plot(
    "bars",
    (PlotMark(HOSTILE, 3, other=2), PlotMark("b", 5, apart=True), PlotMark("c", None)),
    names="names",
    values="values",
    line_after=0,
    line_text="target",
)
LINES = Plot(
    "lines",
    tuple(
        PlotMark(f"{hour}:00", value, row=row, apart=row == "was")
        for row in ("was", HOSTILE)
        for hour, value in ((8, 3.5), (9, 5.25), (10, 1))
    ),
    values="people",
)
GRID = Plot("grid", (PlotMark("8:00", 3, row="Mon"), PlotMark("9:00", None, row="Mon")))


@pytest.fixture(scope="module")
def plots() -> Iterator[PlotRenderer]:
    """Give a renderer for all tests: its process takes seconds to begin."""
    made = PlotRenderer()
    yield made
    made.stop()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "plot",
    [
        BARS,
        replace(BARS, kind="lying_bars", line_after=None),
        GRID,
        LINES,
        replace(LINES, kind="narrow_lines"),
    ],
)
def test_a_plot_is_svg_without_scripts_in_both_themes(plots: PlotRenderer, plot: Plot) -> None:
    light, dark = plots.svg(plot), plots.svg(replace(plot, dark=True))
    for drawn in (light, dark):
        tags = {each.tag.rpartition("}")[2] for each in ElementTree.fromstring(drawn).iter()}
        assert "path" in tags
        assert tags.isdisjoint({"script", "foreignObject", "image", "a"})
    assert b"#0F1C2E" in light.upper().replace(b"#0f1c2e", b"#0F1C2E") or plot.kind != "bars"
    assert light != dark


@pytest.mark.timeout(240)
def test_what_was_drawn_is_kept_by_content(plots: PlotRenderer) -> None:
    first = plots.svg(BARS)
    assert plots.svg(replace(BARS)) is first
    assert plots.svg(replace(BARS, values="others")) is not first


def test_a_process_that_dies_is_told_and_the_next_plot_has_another() -> None:
    made = PlotRenderer(Press(child("job(); sys.exit(3)"), 5.0))
    for _ in range(2):
        with pytest.raises(NotWritten, match="broken"):
            made.svg(GRID)
    made.stop()
