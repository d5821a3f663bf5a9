"""People, their sessions, how they sign in, the attempts that throttling counts, and what administrators set for all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, now


class UserRow(Base):
    """A person with an account."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_admin: Mapped[bool] = mapped_column(default=False)
    quota_mb: Mapped[int | None]  # of the file store; None: what the settings say
    confirmed: Mapped[datetime | None]  # when it was shown last that the e-mail address is theirs
    disabled: Mapped[bool] = mapped_column(default=False)  # they cannot sign in
    about: Mapped[str] = mapped_column(Text, default="", server_default="")  # Markdown of the person
    picture_key: Mapped[str | None] = mapped_column(String(64))  # blob of a small PNG
    created: Mapped[datetime] = mapped_column(default=now)


class SessionRow(Base):
    """A sign-in of one browser. `token_hash` is the sha256 of a random token that only the cookie holds."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    seen: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    before: Mapped[datetime | None]  # when the person was seen last before this visit


class TicketRow(Base):
    """A ticket that a browser may exchange once, within a minute, for a session cookie."""

    __tablename__ = "tickets"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires: Mapped[datetime]


class IdentityRow(Base):
    """An account of another provider with which a person signs in, by the provider's own name for it, which never changes."""

    __tablename__ = "identities"

    provider: Mapped[str] = mapped_column(String(200), primary_key=True)  # google, github, or the address of an issuer
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))  # as the provider said it when they were linked
    created: Mapped[datetime] = mapped_column(default=now)


class HubSettingRow(Base):
    """One thing that administrators set for the whole hub, such as its name."""

    __tablename__ = "hub_settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class AttemptRow(Base):
    """One try at something that is throttled, such as a sign-in: by account (`user:...`) and by address (`address:...`)."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(default=now)
