"""The plots' own process: a plot as JSON in, SVG out; Altair writes the Vega-Lite, vl-convert draws it."""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from server.adapters import press_work

# The engine that draws reserves far more addresses than it fills, so what it fills is bounded.
_MOST_MEMORY = 2 * 1024 * 1024 * 1024
_MOST_DOCUMENTS = 2_000
_TYPEFACE = "Inter, Noto Sans, sans-serif"
_LONGEST_NAME = 60
_WIDE, _HIGH, _STEP = 440, 210, 30
# Ink, soft ink, line, paper, bars, bars apart from the others, what is compared, the darkest cell.
_LIGHT = ("#0F1C2E", "#4A5A70", "#D5DDE8", "#FFFFFF", "#0B4A8F", "#8FB0DA", "#B25E00", "#0B4A8F")
_DARK = ("#E6ECF4", "#A9B7CA", "#33425A", "#152132", "#7FB2F0", "#3D5F8C", "#FFB454", "#7FB2F0")


def draw(text: str) -> bytes:
    """Draw a plot (services.ports.Plot as JSON) as SVG."""
    import vl_convert

    plot: dict[str, Any] = json.loads(text)
    made: str = vl_convert.vegalite_to_svg(chart_of(plot).to_json(), allowed_base_urls=[])
    return made.encode()


def chart_of(plot: dict[str, Any]) -> Any:
    """Write the Vega-Lite of a plot."""
    colours = _DARK if plot["dark"] else _LIGHT
    ink, soft, line = colours[:3]
    chart = _OTHERS.get(plot["kind"], _bars)(plot, colours)
    return (
        chart.configure(font=_TYPEFACE, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=soft,
            titleColor=soft,
            gridColor=line,
            domainColor=line,
            tickColor=line,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=220,
        )
        .configure_text(color=ink, fontSize=12)
        .configure_legend(labelColor=ink, titleColor=soft, labelFontSize=12, title=None)
    )


def _values(plot: dict[str, Any]) -> Any:
    import altair

    rows = [
        {
            "place": place,
            "name": _name(mark["name"]),
            "row": _name(mark["row"]),
            "value": mark["value"],
            "other": mark["other"],
            "apart": mark["apart"],
        }
        for place, mark in enumerate(plot["marks"])
    ]
    return altair.Data(values=rows)


def _name(text: str) -> str:
    """Return a name as one line that is not too long; characters that nobody sees are left out."""
    shown = "".join(each for each in text if each.isprintable())
    return shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 1] + "…"


def _bars(plot: dict[str, Any], colours: tuple[str, ...]) -> Any:
    import altair

    bar, apart, compared = colours[4:7]
    order = [_name(mark["name"]) for mark in plot["marks"]]
    lying = plot["kind"] == "lying_bars"
    many = len(order) > 62
    names = altair.Axis(
        title=plot["names"] or None,
        labelAngle=0,
        labelOverlap=len(order) > 17,
        ticks=False,
        grid=False,
    )
    numbers = altair.Axis(title=plot["values"] or None, tickMinStep=1, tickCount=5, domain=False)
    base = altair.Chart(_values(plot))
    name_kind: Any = altair.Y if lying else altair.X
    number_kind: Any = altair.X if lying else altair.Y
    at = name_kind("name:O", sort=order, axis=names, scale=altair.Scale(paddingInner=0 if many else 0.12))
    shade = altair.condition(altair.datum.apart, altair.value(apart), altair.value(bar))
    round_off: dict[str, Any] = {} if many else {"cornerRadiusEnd": 3}
    layers = [
        base.mark_bar(**round_off).encode(at, number_kind("value:Q", axis=numbers), color=shade),
    ]
    if any(mark["other"] is not None for mark in plot["marks"]):
        # With an edge of the page's own colour, so that it stands out on a bar too.
        for colour, thick in ((colours[3], 6), (compared, 3)):
            tick = base.mark_tick(color=colour, thickness=thick, opacity=1)
            known = tick.transform_filter("isValid(datum.other)")
            layers.append(known.encode(at, number_kind("other:Q", axis=numbers)))
    if plot["line_after"] is not None:
        layers += _line_after(plot, order, colours)
    size: dict[str, Any] = {"width": _WIDE, "height": altair.Step(_STEP) if lying else _HIGH}
    return altair.layer(*layers).properties(**size)


def _line_after(plot: dict[str, Any], order: list[str], colours: tuple[str, ...]) -> list[Any]:
    """Draw a dashed line at the end of a bar, with its words beside it."""
    import altair

    ink, soft = colours[:2]
    at = altair.Chart(altair.Data(values=[{"name": order[plot["line_after"]], "text": plot["line_text"]}]))
    x = altair.X("name:O", sort=order, bandPosition=1)
    rule = at.mark_rule(color=soft, strokeDash=[3, 3]).encode(x)
    text = at.mark_text(align="left", dx=6, color=ink, fontWeight="bold").encode(
        x, y=altair.value(8), text="text:N"
    )
    return [rule, text]


def _grid(plot: dict[str, Any], colours: tuple[str, ...]) -> Any:
    import altair

    ink, _soft, line, paper, *_others, full = colours
    names = list(dict.fromkeys(_name(mark["name"]) for mark in plot["marks"]))
    rows = list(dict.fromkeys(_name(mark["row"]) for mark in plot["marks"]))
    most = max((mark["value"] or 0 for mark in plot["marks"]), default=0) or 1
    quiet = altair.Axis(title=None, labelAngle=0, ticks=False, domain=False, grid=False)
    base = altair.Chart(_values(plot)).encode(
        altair.X("name:O", sort=names, axis=quiet), altair.Y("row:O", sort=rows, axis=quiet)
    )
    shade = altair.Color("value:Q", scale=altair.Scale(domain=[0, most], range=[paper, full]), legend=None)
    known = base.transform_filter("isValid(datum.value)")
    cells = known.mark_rect(stroke=line, cornerRadius=5).encode(color=shade)
    # Ink on the lighter half, paper on the darker one: either stands out by 4.5 to 1 and more.
    words = known.mark_text(fontSize=12, fontWeight="bold").encode(
        text=altair.Text("value:Q", format=".0f"),
        color=altair.condition(f"datum.value > {most * 0.55}", altair.value(paper), altair.value(ink)),
    )
    return altair.layer(cells, words).properties(width=_WIDE, height=altair.Step(_STEP))


def _lines(plot: dict[str, Any], colours: tuple[str, ...]) -> Any:
    """Draw one line a row, those that are apart dashed; each has its row's name at its highest point."""
    import altair

    ink, soft, line = colours[:3]
    names = list(dict.fromkeys(_name(mark["name"]) for mark in plot["marks"]))
    whole = [name for name in names if name.endswith(":00")] or names
    hours = altair.Axis(
        title=plot["names"] or None,
        values=whole,
        labelAngle=0,
        labelOverlap=True,
        ticks=False,
        domainColor=line,
    )
    numbers = altair.Axis(title=plot["values"] or None, tickCount=5, domain=False)
    base = altair.Chart(_values(plot)).encode(
        altair.X("name:O", sort=names, axis=hours, scale=altair.Scale(padding=0)),
        altair.Y("value:Q", axis=numbers),
    )
    layers = []
    for apart, colour in ((True, soft), (False, colours[4])):
        drawn = base.transform_filter(f"datum.apart == {'true' if apart else 'false'}")
        layers.append(drawn.mark_line(color=colour, strokeWidth=2.5, strokeDash=[6, 4] if apart else [1, 0]))
    for mark, above in _named(plot["marks"]):
        at = {"name": _name(mark["name"]), "value": mark["value"], "text": _name(mark["row"])}
        colour = ink if mark["apart"] else colours[4]
        base_of_name = altair.Chart(altair.Data(values=[at])).encode(
            altair.X("name:O", sort=names), altair.Y("value:Q"), text="text:N"
        )
        place: dict[str, Any] = {"fontWeight": "bold", "dy": -9 if above else 14}
        # On an edge of the page's own colour, so that no line runs through the words.
        layers += [
            base_of_name.mark_text(color=colours[3], stroke=colours[3], strokeWidth=5, **place),
            base_of_name.mark_text(color=colour, **place),
        ]
    return altair.layer(*layers).properties(
        width=_WIDE if plot["kind"] == "narrow_lines" else 2 * _WIDE, height=_HIGH
    )


def _named(marks: list[dict[str, Any]]) -> list[tuple[dict[str, Any], bool]]:
    """Choose where the lines have their names: where they are furthest apart, and whether above the line."""
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for mark in marks:
        rows.setdefault(mark["row"], {})[mark["name"]] = mark
    if len(rows) != 2:
        return [(max(row.values(), key=lambda mark: mark["value"] or 0), True) for row in rows.values()]
    one, other = rows.values()
    top = max((mark["value"] or 0 for mark in marks), default=0)
    gaps = {
        name: abs((one[name]["value"] or 0) - (other[name]["value"] or 0)) for name in one if name in other
    }
    widest = max(gaps, key=lambda name: (gaps[name], one[name]["value"] or 0))
    upper, lower = sorted((one[widest], other[widest]), key=lambda mark: -(mark["value"] or 0))
    return [(upper, True), (lower, gaps[widest] > 0.2 * top)]


_OTHERS = {"grid": _grid, "lines": _lines, "narrow_lines": _lines}


def main() -> int:
    """Draw what comes in until nothing comes any more."""
    return press_work.work(draw, resource.RLIMIT_DATA, _MOST_MEMORY, _MOST_DOCUMENTS)


if __name__ == "__main__":
    sys.exit(main())
