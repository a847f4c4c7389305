"""The rows of the office as SQLAlchemy typed classes, with the rules that the schema itself can hold."""

from __future__ import annotations

from server.store.tables.access import (
    ClerkSession,
    Device,
    Enrolment,
    Integrator,
    Passkey,
    RecoveryCode,
    StaffLink,
    StaffSession,
    User,
    UserRole,
    UserService,
    Webhook,
    WebhookDelivery,
)
from server.store.tables.accounts import Account, AccountSession
from server.store.tables.audit import (
    AuditCheckpoint,
    AuditCosignature,
    AuditKey,
    AuditTelling,
    AuditTile,
    AuditTree,
)
from server.store.tables.booking import (
    DayLimit,
    Draft,
    PhoneCall,
    PlaceReturn,
    PlaceWish,
    Reservation,
    Slot,
    Verification,
)
from server.store.tables.guard import Attempt, Evidence
from server.store.tables.messages import Message
from server.store.tables.office import (
    Branch,
    Counter,
    CounterService,
    Hall,
    OfficeChange,
    PageVisits,
    PlannedChange,
    Publication,
    Publisher,
    Service,
    Template,
)
from server.store.tables.privacy import PersonalKey
from server.store.tables.queue import Call, Feedback, Series, Steering, Ticket, WhatIfTrial
from server.store.tables.records import Answer, Fact, Setting
from server.store.tables.release import Application, Draw, Shuffle, WaitingRoomEntry
from server.store.tables.root import Table, fixed
from server.store.tables.statistics import COUNTER_SUM, DAY_SUM, SummedDay

__all__ = [
    "COUNTER_SUM",
    "DAY_SUM",
    "Account",
    "AccountSession",
    "Answer",
    "Application",
    "Attempt",
    "AuditCheckpoint",
    "AuditCosignature",
    "AuditKey",
    "AuditTelling",
    "AuditTile",
    "AuditTree",
    "Branch",
    "Call",
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
    "Feedback",
    "Hall",
    "Integrator",
    "Message",
    "OfficeChange",
    "PageVisits",
    "Passkey",
    "PersonalKey",
    "PhoneCall",
    "PlaceReturn",
    "PlaceWish",
    "PlannedChange",
    "Publication",
    "Publisher",
    "RecoveryCode",
    "Reservation",
    "Series",
    "Service",
    "Setting",
    "Shuffle",
    "Slot",
    "StaffLink",
    "StaffSession",
    "Steering",
    "SummedDay",
    "Table",
    "Template",
    "Ticket",
    "User",
    "UserRole",
    "UserService",
    "Verification",
    "WaitingRoomEntry",
    "Webhook",
    "WebhookDelivery",
    "WhatIfTrial",
    "fixed",
]
