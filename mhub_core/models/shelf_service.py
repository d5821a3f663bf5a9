"""The verbs of what a person keeps beside their models, for nobody else to see: building blocks of their own, and a clipboard."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading, writing
from db.tables.models import BlockRow, ClipboardRow
from mhub_core.accounts import turn_service as turn
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid, NotFound
from mhub_core.graphs import design
from mhub_core.models.records import Block
from mhub_core.sharing import policy, texts

LONGEST_NAME, LONGEST_HELP, MOST_BLOCKS = 80, 300, 200
Graph = dict[str, Any]


def save_block(user: User, name: str, help: str, graph: Graph) -> int:
    """Keep a piece of a design under a name and a sentence. Returns its id. Raises Invalid with one problem per field."""
    policy.require_signed_in(user)
    fields = _check(name, help)
    if not design.require_well_formed(graph)["nodes"]:
        raise Invalid("There is nothing to save.", "A block needs at least one layer.", "Select some layers first.")
    with writing() as session:
        turn.take(session, user.id)
        if _count(session, user) >= MOST_BLOCKS:
            raise Invalid(f"You have {MOST_BLOCKS} blocks already.", mend="Delete one that you no longer need.")
        row = BlockRow(owner_id=user.id, graph=graph, **fields)
        session.add(row)
        session.flush()
        return row.id


def _check(name: str, help: str) -> dict[str, str]:
    fields = {"name": texts.one_line(name), "help": texts.one_line(help)}
    problems = {"name": texts.name_problem(fields["name"], LONGEST_NAME), "help": texts.problem(fields["help"], LONGEST_HELP)}
    texts.refuse("The block was not saved.", problems)
    return fields


def _count(session: Session, user: User) -> int:
    return session.scalar(_OWNED, {"owner": user.id}) or 0


_OWNED = select(func.count()).where(BlockRow.owner_id == bindparam("owner"))  # put together once, which takes as long as to ask


def num_blocks(user: User | None) -> int:
    """Return how many blocks a person has, without reading them."""
    with reading() as session:
        return _count(session, user) if user else 0


def list_blocks(user: User | None) -> list[Block]:
    """Return a person's own blocks by name, with their designs; a visitor has none."""
    query = (
        select(BlockRow).where(BlockRow.owner_id == (user.id if user else None)).order_by(func.lower(BlockRow.name), BlockRow.id)
    )
    with reading() as session:
        return [_block(row) for row in session.scalars(query)]


def require_block(user: User | None, block_id: int) -> Block:
    """Return one of a person's own blocks. Raises NotFound for any other."""
    with reading() as session:
        return _block(_require(session, user, block_id))


def _require(session: Session, user: User | None, block_id: int) -> BlockRow:
    row = session.get(BlockRow, block_id)
    if row is None or user is None or row.owner_id != user.id:
        raise NotFound("This block does not exist, or it is not yours.", mend="Choose one of your own blocks.")
    return row


def _block(row: BlockRow) -> Block:
    return Block(row.id, row.name, row.help, row.graph)


def rename_block(user: User, block_id: int, name: str, help: str) -> None:
    """Change the name and the sentence of a block. Raises NotFound for another person's, Invalid with one problem per field."""
    with writing() as session:
        row = _require(session, user, block_id)
        fields = _check(name, help)
        row.name, row.help = fields["name"], fields["help"]


def delete_block(user: User, block_id: int) -> None:
    """Remove a block. Models that use it keep what they have. Raises NotFound for another person's."""
    with writing() as session:
        _require(session, user, block_id)
        session.execute(delete_rows(BlockRow).where(BlockRow.id == block_id))


def copy_to_clipboard(user: User, graph: Graph) -> None:
    """Keep a piece of a design as what was copied last. Raises Invalid for what is no design."""
    policy.require_signed_in(user)
    design.require_well_formed(graph)
    with writing() as session:
        turn.take(session, user.id)  # two first copies would both be new
        session.merge(ClipboardRow(user_id=user.id, graph=graph, updated=now()))


def clipboard(user: User | None) -> Graph | None:
    """Return what a person copied last, in whatever tab or model; None when there is nothing."""
    with reading() as session:
        row = session.get(ClipboardRow, user.id) if user else None
        return row.graph if row else None
