"""The verbs by which people start, watch and stop runs. What workers do stands in `worker_service.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.engine import database_now, num_changed, reading, writing
from db.tables.models import ModelVersionRow
from db.tables.runs import RunLogRow, RunRow
from mhub_core import queue, settings
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import turn_service as turn
from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import DatasetVersion
from mhub_core.errors import Conflict, Invalid, NotFound, Unavailable
from mhub_core.graphs import adapt, design
from mhub_core.graphs.answer import Output
from mhub_core.kinds.registry import require_kind
from mhub_core.models import service as models
from mhub_core.models.records import KERAS, LEARNED_FROM, ModelVersion
from mhub_core.runs import access_service as access
from mhub_core.runs import feasible, line_service, lines, list_service, name_service, records, setting_service, starts
from mhub_core.runs.records import (
    ACTIVE,
    HELD,
    QUEUED,
    RUNNING,
    STARTING,
    STOPPED,
    STOPPING,
    Preview,
    Run,
    RunCard,
)
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.storage import artifact_service as artifacts
from mhub_core.tasks.registry import require_task
from mhub_core.training import plan as plans
from mhub_core.training.learners.learner import SEED, num_epochs
from mhub_core.training.learners.registry import require_learner
from mhub_core.training.records import RunSpec

_KEY = re.compile(r"[0-9A-Za-z_-]{8,60}")
MAX_SEEDS = 10  # runs that one click starts


# Starting


def submit(
    user: User | None,
    model_version_id: int,
    dataset_version_id: int,
    plan: dict[str, Any],
    submission_key: str,
    fresh: bool = False,
    weights_of: int | None = None,
    learner: str = KERAS,
    num_seeds: int = 1,
) -> int:
    """Start a training and return its run's id. The same key gives the same run, so a double click starts one.

    A trained version starts from its weights unless `fresh` ones are asked for. `weights_of` names another version that has
    them: the one that a person's copy was made from. With `num_seeds` (1 to `MAX_SEEDS`) that many runs start, which differ in
    the seed alone: the plan's and those after it. The first one's id is returned.

    Raises:
        SignInRequired, NotFound, Forbidden: the person may not train this model or use this dataset; the weights are gone.
        Invalid: with all problems of the plan at once, or with what keeps the design from being built.
        Conflict: the dataset is not ready.
        Throttled: too many of the person's runs wait or run.
    """
    person = policy.require_signed_in(user)
    if not isinstance(submission_key, str) or not _KEY.fullmatch(submission_key):
        raise Invalid("This form is no longer valid.", mend="Reload the page.")
    if (known := _run_of_key(person, submission_key)) is not None:
        return known
    quotas.require_room(person)
    version, dataset, data = _require_both(person, model_version_id, dataset_version_id, policy.EDIT)
    chosen = require_learner(learner)
    if not chosen.accepts(data.kind, data.task):
        raise Invalid(f"{chosen.title} cannot train on this kind of data and task.", mend="Choose another learner.")
    checked = chosen.check(plan, data, version.graph)
    graph, sentences = _adapted(version, data)
    trained = models.require_version(person, weights_of) if weights_of is not None else version
    start, start_words = starts.choose(trained, graph, fresh, chosen)
    if start is not None:
        starts.require_stored(trained, start)
    spec = RunSpec(
        graph=design.require_valid(graph),
        plan=checked,
        data=data,
        adaptations=tuple(sentences),
        start=start,
        learner=chosen.name,
    )
    feasible.require(spec)
    specs = _with_seeds(spec, num_seeds)
    run_id = _insert(person, version, dataset, specs, submission_key, start_words)
    with suppress(Unavailable):  # a message only wakes a worker; idle ones look into the database by themselves
        queue.send("train")
    return run_id


def preview(
    viewer: User | None, model_version_id: int, dataset_version_id: int, fresh: bool = False, learner: str = KERAS
) -> Preview:
    """Return in sentences what the model would be on this dataset, what is adapted for that, and which weights it starts from."""
    version, _, data = _require_both(viewer, model_version_id, dataset_version_id, policy.READ)
    graph, sentences = _adapted(version, data)
    start_words = starts.choose(version, graph, fresh, require_learner(learner))[1]
    return Preview(adapt.fitted_words(*_wanted(data)), tuple(sentences), start_words)


def _require_both(
    viewer: User | None, model_version_id: int, dataset_version_id: int, model_level: str
) -> tuple[ModelVersion, DatasetVersion, DataSpec]:
    version = models.require_version(viewer, model_version_id, model_level)
    dataset = datasets.require_version(viewer, dataset_version_id)
    if dataset.spec is None:
        raise Conflict(
            "This dataset is not ready yet.", "Only a fully prepared dataset can be used.", "Its page shows the progress."
        )
    return version, dataset, dataset.spec


def _adapted(version: ModelVersion, data: DataSpec) -> tuple[dict[str, Any], list[str]]:
    return adapt.adapt(version.graph, *_wanted(data))


def _wanted(data: DataSpec) -> tuple[adapt.Input, Output]:
    return require_kind(data.kind).input(data), require_task(data.task).output(data)


def _with_seeds(spec: RunSpec, num_seeds: int) -> list[RunSpec]:
    """Return the specs of runs that differ in the seed alone, the given one first."""
    most = MAX_SEEDS if SEED in spec.plan else 1
    if not 1 <= num_seeds <= most:
        problems = {"num_seeds": f"must be from 1 to {most}"}
        raise Invalid("The runs were not started.", mend="Correct the marked fields.", problems=problems)
    seeds = [(spec.plan[SEED] + number) % (plans.MOST_SEED + 1) for number in range(num_seeds)] if num_seeds > 1 else []
    return [replace(spec, plan={**spec.plan, SEED: seed}) for seed in seeds] or [spec]


def _run_of_key(person: User, submission_key: str) -> int | None:
    with reading() as session:
        run = session.execute(select(RunRow.id, RunRow.owner_id).where(RunRow.submission_key == submission_key)).one_or_none()
    if run is not None and run.owner_id != person.id:
        raise Conflict("This form was submitted by another account.", mend="Reload the page.")
    return run.id if run else None


def _insert(
    person: User,
    version: ModelVersion,
    dataset: DatasetVersion,
    specs: Sequence[RunSpec],
    submission_key: str,
    start_words: str,
) -> int:
    """Put runs that differ at most in their seeds into the queue, all or none; return the first one's id."""
    try:
        with writing() as session:
            _require_room(session, person, len(specs))
            seedless = lines.key_of(person.id, version.model_id, dataset.id, specs[0].to_json())
            line_service.hold_key(session, seedless)
            visible = access.visibilities(session, version.model_id, dataset.dataset_id)
            rows = []
            for number, spec in enumerate(specs):
                row = _row(person, version, dataset, spec, submission_key if not number else f"{submission_key}.{number}")
                row.model_visibility, row.dataset_visibility = visible
                row.seedless = seedless
                rows.append(row)
            for row, name in zip(rows, name_service.proposed(session, person.id, version, dataset.id, specs), strict=True):
                row.name = name
            session.add_all(rows)
            session.flush()
            words = [*(specs[0].adaptations or ["The model fits the data without changes."]), start_words]
            for row in rows:
                setting_service.record(session, row)
                session.add_all(RunLogRow(run_id=row.id, words=line) for line in words if line)
            line_service.arrange(session, run_id=rows[0].id)
            return rows[0].id
    except IntegrityError:
        known = _run_of_key(person, submission_key)  # the other half of a double click was quicker
        if known is None:
            raise access.gone() from None
        return known


def _row(person: User, version: ModelVersion, dataset: DatasetVersion, spec: RunSpec, submission_key: str) -> RunRow:
    return RunRow(
        owner_id=person.id,
        model_id=version.model_id,
        model_version_id=version.id,
        dataset_id=dataset.dataset_id,
        dataset_version_id=dataset.id,
        submission_key=submission_key,
        learner=spec.learner,
        source=records.TRAINED,
        spec=spec.to_json(),
        epochs=num_epochs(require_learner(spec.learner).fields(spec.data), spec.plan),
    )


def _require_room(session: Session, person: User, num_more: int) -> None:
    turn.take(session, person.id)
    active = session.scalar(select(func.count()).where(RunRow.owner_id == person.id, RunRow.state.in_(ACTIVE))) or 0
    most = settings.number("MHUB_ACTIVE_RUNS_PER_USER")
    if active + num_more > most:
        more = f", and this would start {num_more} more" if num_more > 1 else ""
        raise Conflict(
            f"{active} of your runs are waiting or running{more}.",
            f"At most {most} at a time.",
            "Wait for one to finish, or stop one."
            if num_more == 1
            else "Choose fewer seeds, wait for runs to finish, or stop some.",
        )


# Stopping


def stop(user: User | None, run_id: int) -> None:
    """Ask a run to stop. One that waits stops at once; one that runs is tested and saved with what it has learned."""
    with writing() as session:
        line_service.hold(session, run_id)
        access.require_own(session, user, run_id)
        now = database_now(session)
        mine = update(RunRow).where(RunRow.id == run_id)
        if num_changed(session, mine.where(RunRow.state == QUEUED).values(state=STOPPED, finished=now)):
            session.add(RunLogRow(run_id=run_id, at=now, words="Stopped before it started."))
            line_service.arrange(session, run_id=run_id)
        elif num_changed(session, mine.where(RunRow.state.in_((STARTING, RUNNING))).values(state=STOPPING, stop_requested=True)):
            session.add(RunLogRow(run_id=run_id, at=now, words="Stop requested; the model learned so far is tested and saved."))


def delete(user: User | None, run_id: int) -> None:
    """Delete a run with its curves, log and place on the leaderboard. The model version that it made stays."""
    with writing() as session:
        line_service.hold(session, run_id)
        state = access.require_own(session, user, run_id)
        if state in HELD:
            raise Conflict("This run is still training.", mend="Stop it first.")
        remove(session, run_id)


def remove(session: Session, run_id: int) -> None:
    """Do the same within a transaction, in which the caller has asked whether that may be done. Its worker notices by itself."""
    run = session.get_one(RunRow, run_id)
    for version in session.scalars(select(ModelVersionRow).where(ModelVersionRow.run_id == run_id)):
        version.run_id = None
        version.serving = {**(version.serving or {}), LEARNED_FROM: run.dataset_version_id}  # decides who may know the data
    artifacts.let_go_of_run(session, run_id)
    sharing.forget(session, sharing.RUN, run_id)
    session.delete(run)
    line_service.arrange(session, seedless=run.seedless)


# Looking


def require_run(viewer: User | None, run_id: int) -> Run:
    """Return a run in full. Raises NotFound."""
    with reading() as session:
        row, *names, may_edit = access.require_row(session, list_service.whole(viewer), run_id)
    return Run(
        **{name: getattr(row, name) for name in _SAME_IN_ROW},
        **dict(zip(_NAMES, names, strict=True)),
        learner=row.learner or KERAS,
        source=row.source or records.TRAINED,
        may_edit=may_edit,
    )


def require_start(viewer: User | None, run: Run) -> ModelVersion | None:
    """Return the version whose weights a run started from; None for fresh weights. Raises NotFound when it is gone or hidden."""
    start = RunSpec.from_json(run.spec).start
    return starts.require_version(viewer, start) if start else None


def parent_of(viewer: User | None, run: Run) -> int | None:
    """Return the run that learned the weights from which a run started; None for fresh weights and for what is gone or hidden."""
    with suppress(NotFound):
        version = require_start(viewer, run)
        return version.run_id if version else None
    return None


_NAMES = (
    "owner_name",
    "model_name",
    "dataset_id",
    "dataset_name",
    "dataset_version_number",
    "trained_version_number",
)  # as `list_service.whole` gives them
_SAME_IN_ROW = tuple(name for name in Run.__dataclass_fields__ if name not in {*_NAMES, "learner", "source", "may_edit"})


def list_runs(
    viewer: User | None, mine: bool = False, model_id: int | None = None, limit: int = 20, folded: bool = True
) -> list[RunCard]:
    """Return runs that the viewer may see, newest first: of everybody or the viewer's own, of one model or of all.

    `folded`: runs that differ in the seed alone are told by one of them.
    """
    with reading() as session:
        rows = session.execute(list_service.list_of(viewer, mine, model_id, limit, folded)).all()
        ids = [row[0] for row in rows]
        scores, told = list_service.scores_of(session, ids), line_service.lines_of(session, ids) if folded else {}
    return [RunCard(*(*row, scores[row[0]], told.get(row[0]))) for row in rows]


def require_visible(viewer: User | None, run_id: int) -> None:
    """Raise NotFound unless the viewer may see a run."""
    with reading() as session:
        access.require_row(session, list_service.number(viewer), run_id)
