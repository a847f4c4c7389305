"""The blueprint of the booking pages: their endpoints are book.*, whichever module they stand in."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("book", __name__)
