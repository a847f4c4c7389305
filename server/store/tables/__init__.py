"""The rows of the office as SQLAlchemy typed classes, with the rules that the schema itself can hold."""

from __future__ import annotations

from server.store.tables.accounts import (
    Account,
    AccountSession,
    Attempt,
    Draft,
    PageVisits,
    PersonalKey,
    PlaceWish,
)
from server.store.tables.line import Call, Series, Ticket
from server.store.tables.messages import Message
from server.store.tables.office import Branch, Counter, CounterService, Hall, Service
from server.store.tables.people import Clerk, ClerkSession, Device, Enrolment, Integrator
from server.store.tables.records import Answer, Fact, Setting
from server.store.tables.release import Application, Draw, WaitingRoomEntry
from server.store.tables.root import Table, fixed
from server.store.tables.visits import DayLimit, Evidence, PlaceReturn, Reservation, Slot, Verification

__all__ = [
    "Account",
    "AccountSession",
    "Answer",
    "Application",
    "Attempt",
    "Branch",
    "Call",
    "Clerk",
    "ClerkSession",
    "Counter",
    "CounterService",
    "DayLimit",
    "Device",
    "Draft",
    "Draw",
    "Enrolment",
    "Evidence",
    "Fact",
    "Hall",
    "Integrator",
    "Message",
    "PageVisits",
    "PersonalKey",
    "PlaceReturn",
    "PlaceWish",
    "Reservation",
    "Series",
    "Service",
    "Setting",
    "Slot",
    "Table",
    "Ticket",
    "Verification",
    "WaitingRoomEntry",
    "fixed",
]
