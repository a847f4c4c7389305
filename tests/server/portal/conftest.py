"""The booking pages of the sample office, and a visitor in front of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from server.portal.application import create_portal
from server.services.ports import Outside
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice


@pytest.fixture
def portal(office: SampleOffice) -> Flask:
    """Give the application of the pages, with the sample office behind it."""
    made: Flask = office.app.extensions["portal"]()
    return made


@pytest.fixture
def browser(office: SampleOffice, portal: Flask) -> Browser:
    """Give a visitor's browser at the whole server."""
    return Browser(office.app)


@pytest.fixture
def portal_with(office: SampleOffice) -> Callable[..., Flask]:
    """Make an application of the pages with other settings, or another public address."""

    def make(public_url: str | None = None, outside: Outside | None = None, **settings: Any) -> Flask:
        runtime = replace(office.runtime, portal=office.runtime.portal.model_copy(update=settings))
        if public_url:
            runtime = replace(runtime, public_url=public_url)
        return create_portal(replace(runtime, outside=outside))

    return make
