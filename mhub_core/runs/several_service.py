"""The verbs that do one thing with several runs, and tell what happened to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from mhub_core.accounts.records import User
from mhub_core.errors import Invalid, MHubError
from mhub_core.runs import service, tag_service, tags
from mhub_core.sharing import policy

MAX_RUNS = 200


@dataclass(frozen=True)
class Happened:
    """What became of one run: `error` is None where it was done, and else says why not."""

    run_id: int
    error: MHubError | None


def stop(user: User | None, run_ids: Sequence[int]) -> tuple[Happened, ...]:
    """Stop runs, each as `service.stop` does. Raises SignInRequired, and Invalid for too many."""
    return _each(user, run_ids, partial(service.stop, user))


def delete(user: User | None, run_ids: Sequence[int]) -> tuple[Happened, ...]:
    """Delete runs, each as `service.delete` does. Raises SignInRequired, and Invalid for too many."""
    return _each(user, run_ids, partial(service.delete, user))


def tag(user: User | None, run_ids: Sequence[int], add: Sequence[str] = (), remove: Sequence[str] = ()) -> tuple[Happened, ...]:
    """Add and remove tags of runs, each as `tag_service.change_tags` does.

    Raises SignInRequired, and Invalid for too many runs and for tags that no run could have.
    """
    return _each(user, run_ids, partial(tag_service.change_tags, user, add=tags.checked(add), remove=remove))


def _each(user: User | None, run_ids: Sequence[int], verb: Callable[[int], None]) -> tuple[Happened, ...]:
    policy.require_signed_in(user)
    wanted = list(dict.fromkeys(run_ids))
    if len(wanted) > MAX_RUNS:
        raise Invalid(f"{len(wanted):,} runs are too many at once.", f"At most {MAX_RUNS} runs.", "Choose fewer runs.")
    return tuple(Happened(run_id, _error_of(verb, run_id)) for run_id in wanted)


def _error_of(verb: Callable[[int], None], run_id: int) -> MHubError | None:
    try:
        verb(run_id)
    except MHubError as error:
        return error
    return None
