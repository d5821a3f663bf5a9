"""Mail that waits to be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, now


class OutboxRow(Base):
    """A letter that is still to be sent, or could not be. A letter that was sent has no row."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(150))
    text: Mapped[str] = mapped_column(Text)  # empty once it is given up: it may hold a link
    created: Mapped[datetime] = mapped_column(default=now)
    due: Mapped[datetime | None] = mapped_column(default=now, index=True)  # None: it is given up
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")  # what the mail server said at the last try
