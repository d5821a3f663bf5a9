"""What workers do that takes long, such as preparing a version, looking it through or fetching, is done under a token in its row.

Whoever holds the token may write. A worker that died is noticed because its beat grows old; then another takes the row over
and begins from the start, and the first one, should it only have been slow, changes nothing any more.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from db.engine import database_now, writing
from db.tables.datasets import DatasetVersionRow
from db.tables.sources import FetchRow
from mhub_core import sandbox, settings
from mhub_core.errors import MHubError, Unavailable
from mhub_core.storage import service as storage

_log = logging.getLogger(__name__)
STALE = timedelta(seconds=30)  # after which whoever holds a token is taken for dead
_BEAT_SECONDS = 1.0
_KILLED = -9  # by the system, when memory is at its end, or with the machine
_KILLED_BY_HAND = (-2, -15)  # SIGINT and SIGTERM: the worker is being stopped, the data is not to blame
Row = TypeVar("Row", DatasetVersionRow, FetchRow)
Again = Callable[[Row, datetime], None]  # gets the row and the time by the database


class Lost(Exception):
    """Raised when another worker took the row over, or somebody cancelled or deleted it."""


@dataclass(frozen=True)
class Claim:
    """The right to do a thing with a row, and the how manieth try that is, from 1."""

    row_id: int
    token: str
    attempt: int


@dataclass(frozen=True)
class Duty(Generic[Row]):
    """One thing that is done with a row of a table. `place`: where in its `progress` is told who is at it; None for all of it."""

    name: str
    table: type[Row]
    place: str | None = None

    def told(self, row: Row) -> dict[str, Any]:
        """Return what the row says of whoever is at it."""
        return row.progress if self.place is None else row.progress.get(self.place) or {}

    def tell(self, row: Row, told: dict[str, Any]) -> None:
        """Write into the row what there is to say."""
        row.progress = told if self.place is None else {**row.progress, self.place: told}

    def take(self, row: Row, clock: datetime, words: str) -> Claim:
        """Take a row, which is held. Whoever had it before has lost it."""
        claim = Claim(row.id, secrets.token_hex(8), self.told(row).get("attempt", 0) + 1)
        at = {"token": claim.token, "attempt": claim.attempt, "at": clock.isoformat()}
        self.tell(row, {"done": 0, "total": 0, "words": words, **at})
        return claim

    def require_mine(self, session: Session, claim: Claim) -> Row:
        """Return the row, held. Raises Lost."""
        row = session.get(self.table, claim.row_id, with_for_update=True)
        if row is None or self.told(row).get("token") != claim.token:
            raise Lost
        return row

    def beat(self, claim: Claim) -> sandbox.Beat:
        """Return what is called often with how far the work has come, and tells it once a second. It raises Lost."""
        last = 0.0

        def beat(progress: dict[str, Any] | None) -> None:
            nonlocal last
            if time.monotonic() - last < _BEAT_SECONDS:
                return
            last = time.monotonic()
            with writing() as session:
                row = self.require_mine(session, claim)
                self.tell(row, {**self.told(row), **(progress or {}), "at": database_now(session).isoformat()})

        return beat

    def carry_out(
        self,
        claim: Claim,
        work: Callable[[Path], None],
        give_up: Callable[[MHubError], None],
        again: Again[Row],
        because: Callable[[sandbox.Died], MHubError],
    ) -> None:
        """Do the work in a folder that is removed afterwards.

        `give_up` gets the error that it met. When its process was killed, which may have been the end of memory or of the
        machine, it is tried `again`, but not for ever; then, and when it died of itself, the error is `because` of that death.
        Raises Unavailable when the database or the storage went away.
        """
        folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-{claim.row_id}-", dir=self._without_remains(claim)))
        try:
            work(folder)
        except Unavailable:
            raise
        except MHubError as error:
            give_up(error)
        except sandbox.Died as death:
            _log.warning("%s %s: %s", self.name, claim.row_id, death)
            if not self._let_again(claim, death, again):
                give_up(because(death))
        except Lost:
            _log.info("%s %s is no longer ours", self.name, claim.row_id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _without_remains(self, claim: Claim) -> Path:
        """Return the folder of incoming files, cleared of what a dead worker left of this row."""
        for left in storage.incoming().glob(f"{self.name}-{claim.row_id}-*"):
            shutil.rmtree(left, ignore_errors=True)
        return storage.incoming()

    def _let_again(self, claim: Claim, death: sandbox.Died, again: Again[Row]) -> bool:
        may_try = death.code == _KILLED and claim.attempt < settings.number("MHUB_MAX_ATTEMPTS")
        if death.code in _KILLED_BY_HAND or may_try:
            with suppress(Lost), writing() as session:
                again(self.require_mine(session, claim), database_now(session))
            return True
        return False


def is_stale(told: dict[str, Any], clock: datetime) -> bool:
    """Tell whether whoever is at it stopped answering."""
    return clock - datetime.fromisoformat(told["at"]) > STALE
