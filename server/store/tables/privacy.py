"""Keys of persons: whoever has lost theirs is erased, in backups too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from server.store.tables.root import Table


class PersonalKey(Table):
    """The key under which one person's values are sealed; without its row they are noise, in backups too."""

    __tablename__ = "personal_key"
    sealed_key: Mapped[bytes]
    made_at: Mapped[datetime]
