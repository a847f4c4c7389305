"""Plots: drawn as SVG by Vega-Lite, in a process of their own."""

from __future__ import annotations

from server.adapters.plots.plot_renderer import PlotRenderer

__all__ = ["PlotRenderer"]
