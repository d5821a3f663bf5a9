"""The declarative base: naming convention, JSON and time types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
Json = JSON(none_as_null=True)
BigId = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up INTEGER keys only


class UtcTime(TypeDecorator[datetime]):
    """A moment: stored as naive UTC, given back aware, so that both databases compare alike."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: Json, list[Any]: Json}

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        # SQLite would give the number of a deleted row to the next one, for which links, open pages and caches then take it.
        cast(Table, cls.__table__).dialect_options["sqlite"]["autoincrement"] = True


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)
