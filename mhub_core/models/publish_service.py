"""What becomes known of private data when others may see a model that learned from it: told before they may."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from db.engine import reading
from db.tables.models import ModelVersionRow
from mhub_core.accounts.records import User
from mhub_core.data.records import Column, DataSpec
from mhub_core.errors import Invalid
from mhub_core.models import access_service as access
from mhub_core.models.records import LearnedFrom, VersionCard
from mhub_core.sharing import policy

MOST_TOLD = 20  # different data that a model learned from; the newest versions come first


def list_private(user: User | None, model_id: int) -> list[LearnedFrom]:
    """Return what trained versions of a model keep of data that a visitor may not see, each data once, the newest version first.

    Raises NotFound, SignInRequired or Forbidden for who does not manage the model.
    """
    policy.require_signed_in(user)
    trained = access.CARDS.where(ModelVersionRow.model_id == model_id, ModelVersionRow.serving.is_not(None))
    with reading() as session:
        access.require(session, user, policy.MANAGE, model_id)
        cards = [VersionCard(*row) for row in session.execute(trained.order_by(ModelVersionRow.number.desc()))]
        is_open = access.knows_data_of(session, None, policy.READ, False, cards)
    found: dict[str, list[int]] = {}
    specs: dict[str, DataSpec] = {}
    for card in cards:
        if card.id not in is_open and (spec := _spec(card.serving)):
            data = repr((spec.arrays, spec.input.get("recipe"), spec.target))
            specs.setdefault(data, spec)
            found.setdefault(data, []).append(card.number)
    return [_told(specs[data], numbers) for data, numbers in list(found.items())[:MOST_TOLD]]


def _spec(serving: dict[str, Any] | None) -> DataSpec | None:
    with suppress(Invalid, KeyError, TypeError):  # what no release can read tells nobody anything
        return DataSpec.from_json((serving or {})["data"])
    return None


def _told(spec: DataSpec, numbers: list[int]) -> LearnedFrom:
    columns = tuple(Column.from_json(column) for column in spec.input.get("raw_columns") or spec.input.get("columns", ()))
    words = tuple(str(spec.input.get("words", "")).split())
    return LearnedFrom(tuple(sorted(numbers)), str(spec.target["name"]), spec.classes, columns, words)
