"""The table of access: what each verb needs, and how it is asked for. A verb that is missing here fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mhub_core.accounts import (
    email_service,
    hub_service,
    identity_service,
    password_service,
    people_service,
    quota_service,
    session_service,
)
from mhub_core.accounts import find_service as finding_people
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import HubSettings
from mhub_core.comments import service as comments
from mhub_core.datasets import (
    addition_service,
    download_service,
    example_service,
    preview_service,
    refresh_service,
    refused_service,
    series_service,
    source_change_service,
    source_service,
    use_service,
    version_service,
)
from mhub_core.datasets import compare_service as data_compare
from mhub_core.datasets import service as datasets
from mhub_core.evaluation import service as evaluation
from mhub_core.exploring import service as exploring
from mhub_core.exploring.rows import Query
from mhub_core.finding import service as finding
from mhub_core.leaderboards import project_service as boards
from mhub_core.leaderboards import service as leaderboards
from mhub_core.models import draft_service, publish_service, shelf_service
from mhub_core.models import service as models
from mhub_core.notices import service as notices
from mhub_core.people import export_service, leaving_service, profile_service
from mhub_core.people import service as people
from mhub_core.projects import invite_service, join_service
from mhub_core.projects import service as projects
from mhub_core.runs import (
    compare_service,
    find_service,
    line_service,
    name_service,
    several_service,
    summary_service,
    tag_service,
    watch_service,
)
from mhub_core.runs import service as runs
from mhub_core.runs.found import RunQuery
from mhub_core.runs.several_service import Happened
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import owner_service
from mhub_core.sharing import service as sharing
from tests import factories
from tests.access.world import VISIBILITIES, WHO, Things, World
from tests.test_visitors import LEFT_OUT

Ask = Callable[[Any, Things, World], Any]  # who asks, of what, and what else there is
LEVELS = ("read", "edit", "manage", "own")
ITSELF = "to own, not as an administrator"  # what a password of the owner may hang on
ACCOUNT, ADMINISTRATOR, PERSONAL, NOBODY = "an account", "an administrator", "the person themselves", "nothing"
AUTHOR = "to have written"  # what the owner of the thing wrote


@dataclass(frozen=True)
class Verb:
    """What a verb needs: one of `LEVELS` on a thing of a `kind`, or one of the words above.

    `tells`: it refuses nobody, and returns something that is true to those alone who have the level. `account`: visitors are
    asked to sign in even where they have it. `but`: how many transactions it commits before it does what it was asked for, such
    as the count of tries.
    """

    needs: str
    ask: Ask
    kind: str = ""
    tells: bool = False
    account: bool = False
    but: int = 0


def on(kind: str, needs: str, ask: Ask, **more: Any) -> Verb:
    """A verb on a thing. Of a run nobody but its owner has more than "read"."""
    return Verb(needs, ask, kind, **more)


def account(ask: Ask, **more: Any) -> Verb:
    """A verb of everybody who has an account."""
    return Verb(ACCOUNT, ask, **more)


def administrator(ask: Ask) -> Verb:
    """A verb of administrators."""
    return Verb(ADMINISTRATOR, ask)


def personal(ask: Ask) -> Verb:
    """A verb on what is the owner's alone: for others, administrators too, it is not there."""
    return Verb(PERSONAL, ask)


def nothing(ask: Ask) -> Verb:
    """A verb that tells everybody what is theirs: visitors nothing."""
    return Verb(NOBODY, ask)


def tells(kind: str, ask: Ask, needs: str = "read") -> Verb:
    """A verb that tells of a thing who has the level."""
    return Verb(needs, ask, kind, tells=True)


def ids_of(things: Iterable[Any]) -> set[int]:
    """Return the numbers of things of one kind."""
    return {one.id for one in things}


def each(happened: Sequence[Happened]) -> None:
    """Raise what a verb over several runs tells of the first."""
    if happened[0].error:
        raise happened[0].error


NEW = {"name": "Another name", "description": "", "visibility": "private"}
TABLE: dict[str, Verb] = {
    # accounts
    "accounts.email_service.is_confirmed": account(lambda who, it, hub: email_service.is_confirmed(who)),
    "accounts.email_service.send_again": account(lambda who, it, hub: email_service.send_again(who)),
    "accounts.email_service.ask_to_change": account(
        lambda who, it, hub: email_service.ask_to_change(who, "new@example.org", "a password", "somewhere")
    ),
    "accounts.email_service.send_test": administrator(lambda who, it, hub: email_service.send_test(who)),
    "accounts.email_service.list_unsent": administrator(lambda who, it, hub: email_service.list_unsent(who)),
    "accounts.hub_service.save": administrator(
        lambda who, it, hub: hub_service.save(who, hub_service.current(), HubSettings(name="Another name"))
    ),
    "accounts.identity_service.list_identities": account(lambda who, it, hub: identity_service.list_identities(who)),
    "accounts.identity_service.unlink": account(lambda who, it, hub: identity_service.unlink(who, "google")),
    "accounts.password_service.has_password": account(lambda who, it, hub: password_service.has_password(who)),
    "accounts.password_service.change_password": account(
        lambda who, it, hub: password_service.change_password(who, "an old password", "a new password", "somewhere")
    ),
    "accounts.password_service.set_first_password": account(
        lambda who, it, hub: password_service.set_first_password(who, "a new password")
    ),
    "accounts.password_service.issue_reset": administrator(
        lambda who, it, hub: password_service.issue_reset(who, "reader@example.org")
    ),
    "accounts.find_service.find_person": account(lambda who, it, hub: finding_people.find_person(who, "Guest")),
    "accounts.people_service.rename": account(lambda who, it, hub: people_service.rename(who, "Somebody")),
    "accounts.people_service.list_people": administrator(lambda who, it, hub: people_service.list_people(who)),
    "accounts.people_service.require_person": administrator(
        lambda who, it, hub: people_service.require_person(who, hub.person("reader").id)
    ),
    "accounts.people_service.set_disabled": administrator(
        lambda who, it, hub: people_service.set_disabled(who, hub.person("reader").id, True)
    ),
    "accounts.people_service.set_administrator": administrator(
        lambda who, it, hub: people_service.set_administrator(who, hub.person("reader").id, True)
    ),
    "accounts.quota_service.usage": account(lambda who, it, hub: quota_service.usage(who)),
    "accounts.quota_service.require_room": account(lambda who, it, hub: quota_service.require_room(who)),
    "accounts.quota_service.admit": account(lambda who, it, hub: quota_service.admit(who, "0" * 64, 1)),
    "accounts.quota_service.set_quota": administrator(lambda who, it, hub: quota_service.set_quota(who, "reader@example.org", 5)),
    "accounts.service.sign_out_everywhere": account(lambda who, it, hub: accounts.sign_out_everywhere(who)),
    "accounts.session_service.list_sessions": account(lambda who, it, hub: session_service.list_sessions(who)),
    "accounts.session_service.last_visit": account(lambda who, it, hub: session_service.last_visit(who, [])),
    "accounts.session_service.end_session": personal(lambda who, it, hub: session_service.end_session(who, hub.session)),
    # datasets
    "datasets.service.inspect_upload": account(lambda who, it, hub: datasets.inspect_upload(who, "no such upload")),
    "datasets.service.discard_upload": account(lambda who, it, hub: datasets.discard_upload(who, "no such upload")),
    "datasets.service.create": account(
        lambda who, it, hub: datasets.create(who, "no such upload", "Data", "", "table", "y", "classification")
    ),
    "datasets.service.list_datasets": tells("dataset", lambda who, it, hub: it.dataset in ids_of(datasets.list_datasets(who))),
    "datasets.service.require_dataset": on("dataset", "read", lambda who, it, hub: datasets.require_dataset(who, it.dataset)),
    "datasets.service.require_version": on(
        "dataset", "read", lambda who, it, hub: datasets.require_version(who, it.dataset_version)
    ),
    "datasets.refused_service.refused_rows": on(
        "dataset", "read", lambda who, it, hub: refused_service.refused_rows(who, it.dataset_version)
    ),
    "datasets.example_service.first_rows": on(
        "dataset", "read", lambda who, it, hub: example_service.first_rows(who, it.dataset_version)
    ),
    "datasets.example_service.gallery": on(
        "dataset", "read", lambda who, it, hub: example_service.gallery(who, it.dataset_version)
    ),
    "datasets.example_service.pictures": on(
        "dataset", "read", lambda who, it, hub: example_service.pictures(who, it.dataset_version, [0])
    ),
    "datasets.series_service.examples": on(
        "dataset", "read", lambda who, it, hub: series_service.examples(who, it.dataset_version)
    ),
    "datasets.series_service.some": on("dataset", "read", lambda who, it, hub: series_service.some(who, it.dataset_version, [0])),
    "datasets.service.update": on(
        "dataset", "manage", lambda who, it, hub: datasets.update(who, it.dataset, licence="", source="", **NEW)
    ),
    "datasets.service.delete": on("dataset", "own", lambda who, it, hub: datasets.delete(who, it.dataset)),
    "datasets.service.require_ready": on("dataset", "read", lambda who, it, hub: datasets.require_ready(who, it.dataset_version)),
    "datasets.version_service.columns": on(
        "dataset", "read", lambda who, it, hub: version_service.columns(who, it.dataset_version)
    ),
    "datasets.version_service.require_editor": on(
        "dataset", "edit", lambda who, it, hub: version_service.require_editor(who, it.dataset_version)
    ),
    "datasets.preview_service.preview": on(
        "dataset", "edit", lambda who, it, hub: preview_service.preview(who, it.dataset_version, [])
    ),
    "datasets.compare_service.compare": on(
        "dataset", "read", lambda who, it, hub: data_compare.compare(who, it.dataset_version, it.dataset_version)
    ),
    "datasets.download_service.gets_test_rows": on(
        "dataset", "read", lambda who, it, hub: download_service.gets_test_rows(who, it.dataset)
    ),
    "datasets.download_service.download": on(
        "dataset", "read", lambda who, it, hub: download_service.download(who, it.dataset_version, "csv")
    ),
    "datasets.addition_service.look": on(
        "dataset", "edit", lambda who, it, hub: addition_service.look(who, it.dataset_version, "no such upload")
    ),
    "datasets.addition_service.add": on(
        "dataset", "edit", lambda who, it, hub: addition_service.add(who, it.dataset_version, "no such upload")
    ),
    "datasets.version_service.process": on(
        "dataset", "edit", lambda who, it, hub: version_service.process(who, it.dataset_version, [])
    ),
    "datasets.version_service.restore": on(
        "dataset", "edit", lambda who, it, hub: version_service.restore(who, it.dataset_version)
    ),
    "datasets.version_service.delete_version": on(
        "dataset", "manage", lambda who, it, hub: version_service.delete_version(who, it.dataset_version)
    ),
    "datasets.source_service.fetch": account(lambda who, it, hub: source_service.fetch(who, "web", {"url": ""})),
    "datasets.source_service.require_fetch": personal(lambda who, it, hub: source_service.require_fetch(who, hub.fetch)),
    "datasets.source_service.cancel": personal(lambda who, it, hub: source_service.cancel(who, hub.fetch)),
    "datasets.source_service.get_source": on("dataset", "read", lambda who, it, hub: source_service.get_source(who, it.dataset)),
    "datasets.source_service.refresh": on("dataset", "edit", lambda who, it, hub: source_service.refresh(who, it.dataset)),
    "datasets.source_change_service.change": Verb(
        ITSELF, lambda who, it, hub: source_change_service.change(who, it.dataset, {"url": ""}), "dataset"
    ),
    "datasets.source_change_service.test": Verb(
        ITSELF, lambda who, it, hub: source_change_service.test(who, it.dataset), "dataset"
    ),
    "datasets.source_change_service.forget": on(
        "dataset", "own", lambda who, it, hub: source_change_service.forget(who, it.dataset)
    ),
    "datasets.refresh_service.renew": account(lambda who, it, hub: refresh_service.renew(who, it.dataset, "no such upload")),
    "datasets.use_service.uses_by_version": on(
        "dataset", "read", lambda who, it, hub: use_service.uses_by_version(who, it.dataset)
    ),
    "exploring.service.see": on("dataset", "read", lambda who, it, hub: exploring.see(who, it.dataset_version)),
    "exploring.service.rows": on("dataset", "read", lambda who, it, hub: exploring.rows(who, it.dataset_version, Query())),
    "exploring.service.some_rows": on("dataset", "read", lambda who, it, hub: exploring.some_rows(who, it.dataset_version, [0])),
    "datasets.use_service.datasets_of_model": on(
        "model", "read", lambda who, it, hub: use_service.datasets_of_model(who, it.model)
    ),
    "datasets.use_service.uses": on("dataset", "manage", lambda who, it, hub: use_service.uses(who, it.dataset)),
    # models
    "models.draft_service.save_draft": on(
        "model", "edit", lambda who, it, hub: draft_service.save_draft(who, it.model, factories.chain(3), 0)
    ),
    "models.draft_service.undo": on("model", "edit", lambda who, it, hub: draft_service.undo(who, it.model, 0)),
    "models.draft_service.redo": on("model", "edit", lambda who, it, hub: draft_service.redo(who, it.model, 0)),
    "models.draft_service.save_version": on("model", "edit", lambda who, it, hub: draft_service.save_version(who, it.model)),
    "models.publish_service.list_private": on(
        "model", "manage", lambda who, it, hub: publish_service.list_private(who, it.model)
    ),
    "models.service.create": account(lambda who, it, hub: models.create(who, "Net", "", factories.chain(3))),
    "models.service.list_models": tells("model", lambda who, it, hub: it.model in ids_of(models.list_models(who))),
    "models.service.find_noted": account(lambda who, it, hub: models.find_noted(who, "a note")),
    "models.service.require_model": on("model", "read", lambda who, it, hub: models.require_model(who, it.model)),
    "models.service.require_version": on("model", "read", lambda who, it, hub: models.require_version(who, it.model_version)),
    "models.service.require_card": on("model", "read", lambda who, it, hub: models.require_card(who, it.model_version)),
    "models.service.list_designs": tells("model", lambda who, it, hub: models.list_designs(who, [it.model])),
    "models.service.read_trained": on("model", "read", lambda who, it, hub: models.read_trained(who, it.trained_version)),
    "models.service.update": on("model", "manage", lambda who, it, hub: models.update(who, it.model, **NEW)),
    "models.service.delete": on("model", "own", lambda who, it, hub: models.delete(who, it.model)),
    "models.service.copy": on("model", "read", lambda who, it, hub: models.copy(who, it.model), account=True),
    "models.shelf_service.save_block": account(lambda who, it, hub: shelf_service.save_block(who, "", "", {})),
    "models.shelf_service.list_blocks": nothing(lambda who, it, hub: shelf_service.list_blocks(who)),
    "models.shelf_service.num_blocks": nothing(lambda who, it, hub: shelf_service.num_blocks(who)),
    "models.shelf_service.clipboard": nothing(lambda who, it, hub: shelf_service.clipboard(who)),
    "models.shelf_service.copy_to_clipboard": account(
        lambda who, it, hub: shelf_service.copy_to_clipboard(who, factories.chain(3))
    ),
    "models.shelf_service.require_block": personal(lambda who, it, hub: shelf_service.require_block(who, hub.block)),
    "models.shelf_service.rename_block": personal(lambda who, it, hub: shelf_service.rename_block(who, hub.block, "Block", "")),
    "models.shelf_service.delete_block": personal(lambda who, it, hub: shelf_service.delete_block(who, hub.block)),
    # predictions
    "evaluation.service.predict": on("model", "read", lambda who, it, hub: evaluation.predict(who, it.trained_version, [])),
    # runs
    "runs.compare_service.compare": tells("run", lambda who, it, hub: compare_service.compare(who, [it.run]).runs),
    "runs.find_service.find": tells("run", lambda who, it, hub: it.run in ids_of(find_service.find(who, RunQuery()).runs)),
    "runs.line_service.list_members": tells("run", lambda who, it, hub: line_service.list_members(who, [it.run])),
    "runs.line_service.line_of": tells("run", lambda who, it, hub: line_service.line_of(who, it.other_seed)),
    "runs.name_service.describe": on("run", "own", lambda who, it, hub: name_service.describe(who, it.run, "A name", "")),
    "runs.service.submit": on(
        "model", "edit", lambda who, it, hub: runs.submit(who, it.model_version, it.dataset_version, {}, "a-submission-key")
    ),
    "runs.service.preview": on("model", "read", lambda who, it, hub: runs.preview(who, it.model_version, it.dataset_version)),
    "runs.service.stop": on("run", "own", lambda who, it, hub: runs.stop(who, it.run)),
    "runs.service.delete": on("run", "own", lambda who, it, hub: runs.delete(who, it.run)),
    "runs.service.require_run": on("run", "read", lambda who, it, hub: runs.require_run(who, it.run)),
    "runs.service.list_runs": tells("run", lambda who, it, hub: it.run in ids_of(runs.list_runs(who))),
    "runs.service.require_visible": on("run", "read", lambda who, it, hub: runs.require_visible(who, it.run)),
    "runs.several_service.stop": on("run", "own", lambda who, it, hub: each(several_service.stop(who, [it.run])), account=True),
    "runs.several_service.delete": on(
        "run", "own", lambda who, it, hub: each(several_service.delete(who, [it.run])), account=True
    ),
    "runs.several_service.tag": on(
        "run", "own", lambda who, it, hub: each(several_service.tag(who, [it.run], ["tag"])), account=True
    ),
    "runs.summary_service.summarize": account(lambda who, it, hub: summary_service.summarize(who)),
    "runs.tag_service.list_tags": nothing(lambda who, it, hub: tag_service.list_tags(who)),
    "runs.tag_service.set_tags": on("run", "own", lambda who, it, hub: tag_service.set_tags(who, it.run, ["a tag"])),
    "runs.tag_service.change_tags": on("run", "own", lambda who, it, hub: tag_service.change_tags(who, it.run, ["a tag"])),
    "runs.watch_service.watch_as": on("run", "read", lambda who, it, hub: watch_service.watch_as(who, it.run)),
    # search and people
    "finding.service.find": tells("model", lambda who, it, hub: it.model in ids_of(finding.find(who, f"{it.name} net").things)),
    "finding.service.find_first": tells(
        "model", lambda who, it, hub: it.model in ids_of(finding.find_first(who, f"{it.name} net").things)
    ),
    "people.service.require_person": nothing(lambda who, it, hub: people.require_person(who, hub.person("owner").id)),
    "people.service.list_owned": tells(
        "model", lambda who, it, hub: it.model in ids_of(people.list_owned(who, hub.person("owner").id, "model"))
    ),
    "people.service.activity": nothing(lambda who, it, hub: people.activity(who, hub.person("owner").id)),
    "people.profile_service.describe": account(lambda who, it, hub: profile_service.describe(who, "Words")),
    "people.profile_service.set_picture": account(lambda who, it, hub: profile_service.set_picture(who, bytes(10_000_001))),
    "people.profile_service.remove_picture": account(lambda who, it, hub: profile_service.remove_picture(who)),
    "people.profile_service.read_picture": nothing(
        lambda who, it, hub: profile_service.read_picture(who, hub.person("owner").id)
    ),
    "people.export_service.files": account(lambda who, it, hub: export_service.files(who)),
    "people.leaving_service.preview": account(lambda who, it, hub: leaving_service.preview(who)),
    "people.leaving_service.leave": account(lambda who, it, hub: leaving_service.leave(who, "", "another word", "somewhere")),
    # comments, and what people are told
    "comments.service.list_threads": on("run", "read", lambda who, it, hub: comments.list_threads(who, "run", it.run)),
    "comments.service.num_threads_before": on(
        "model", "read", lambda who, it, hub: comments.num_threads_before(who, "model", it.model, it.comment)
    ),
    "comments.service.list_mentionable": on(
        "model", "read", lambda who, it, hub: comments.list_mentionable(who, "model", it.model), account=True
    ),
    "comments.service.write": on(
        "dataset", "read", lambda who, it, hub: comments.write(who, "dataset", it.dataset, "Words"), account=True, but=1
    ),
    "comments.service.edit": Verb(AUTHOR, lambda who, it, hub: comments.edit(who, it.own_comment, "Words"), "comment", but=1),
    "comments.service.delete": on("model", "manage", lambda who, it, hub: comments.delete(who, it.comment), account=True),
    "notices.service.list_notices": nothing(lambda who, it, hub: notices.list_notices(who)),
    "notices.service.mark_read": account(lambda who, it, hub: notices.mark_read(who)),
    "notices.service.get_choices": account(lambda who, it, hub: notices.get_choices(who)),
    "notices.service.choose": account(lambda who, it, hub: notices.choose(who, notices.COMMENT, True, True)),
    # leaderboards
    "leaderboards.project_service.list_boards": on("project", "read", lambda who, it, hub: boards.list_boards(who, it.project)),
    "leaderboards.service.board": on("dataset", "read", lambda who, it, hub: leaderboards.board(who, it.dataset_version)),
    "leaderboards.service.count_places": tells(
        "run",
        lambda who, it, hub: leaderboards.count_places(who, {it.dataset_version: "classification"}).get(it.dataset_version),
    ),
    "leaderboards.service.list_best": account(lambda who, it, hub: leaderboards.list_best(who)),
    "leaderboards.service.plainest_viewer": nothing(lambda who, it, hub: leaderboards.plainest_viewer(who, it.dataset)),
    # projects
    "projects.invite_service.invite": on(
        "model",
        "manage",
        lambda who, it, hub: invite_service.invite(who, "model", it.model, "guest@example.org", "read"),
        account=True,
        but=2,
    ),
    "projects.invite_service.hand_over": on(
        "model", "own", lambda who, it, hub: invite_service.hand_over(who, "model", it.model, hub.guest.id), account=True
    ),
    "projects.join_service.look": nothing(lambda who, it, hub: join_service.look(who, "BCDFGHJK", "here")),
    "projects.join_service.join": account(lambda who, it, hub: join_service.join(who, "BCDFGHJK", "here")),
    "projects.join_service.require_entry": on(
        "project", "manage", lambda who, it, hub: join_service.require_entry(who, it.project)
    ),
    "projects.join_service.set_entry": on(
        "project", "manage", lambda who, it, hub: join_service.set_entry(who, it.project, True, "read")
    ),
    "projects.join_service.renew": on("project", "manage", lambda who, it, hub: join_service.renew(who, it.project)),
    "projects.service.create": account(lambda who, it, hub: projects.create(who, "A project")),
    "projects.service.update": on("project", "manage", lambda who, it, hub: projects.update(who, it.project, **NEW)),
    "projects.service.delete": on("project", "own", lambda who, it, hub: projects.delete(who, it.project)),
    "projects.service.list_projects": tells("project", lambda who, it, hub: it.project in ids_of(projects.list_projects(who))),
    "projects.service.list_joined": nothing(lambda who, it, hub: projects.list_joined(who)),
    "projects.service.require_name": on("project", "read", lambda who, it, hub: projects.require_name(who, it.project)),
    "projects.service.require_project": on("project", "read", lambda who, it, hub: projects.require_project(who, it.project)),
    # sharing
    "sharing.owner_service.leaves_behind": on(
        "dataset", "own", lambda who, it, hub: owner_service.leaves_behind(who, "dataset", it.dataset)
    ),
    "sharing.belonging_service.put": on(
        "model", "manage", lambda who, it, hub: belonging.put(who, "model", it.model, hub.workshop), account=True
    ),
    "sharing.belonging_service.take_out": on(
        "model", "manage", lambda who, it, hub: belonging.take_out(who, "model", it.model, hub.studio), account=True
    ),
    "sharing.belonging_service.list_projects_of": on(
        "model", "manage", lambda who, it, hub: belonging.list_projects_of(who, "model", it.model)
    ),
    "sharing.belonging_service.list_things": on("project", "read", lambda who, it, hub: belonging.list_things(who, it.project)),
    "sharing.belonging_service.choose_for_new": on(
        "project", "edit", lambda who, it, hub: belonging.choose_for_new(who, it.project, True), account=True
    ),
    "sharing.belonging_service.chooses_new": nothing(lambda who, it, hub: belonging.chooses_new(who, it.project)),
    "sharing.service.get_grant": nothing(lambda who, it, hub: sharing.get_grant(who, "model", it.model)),
    "sharing.service.grant": on(
        "model", "manage", lambda who, it, hub: sharing.grant(who, "model", it.model, hub.person("stranger").id, "read")
    ),
    "sharing.service.revoke": on("model", "manage", lambda who, it, hub: sharing.revoke(who, "model", it.model, hub.guest.id)),
    "sharing.service.list_grants": on("model", "manage", lambda who, it, hub: sharing.list_grants(who, "model", it.model)),
}

# Statements and rows for other verbs, and what is asked with a run that the viewer was shown already.
NO_VERBS = LEFT_OUT | {"runs.list_service.seen"}

_SIGNS = {"yes": "✓", "no": "✗", "sign in": "→", "hidden": "·"}
_HEAD = """# Who may do what

Measured, not written: `tests/access` asks every verb as everybody, of a private thing, of one that is shared with a reader, an
editor, a manager and a member of a project, and of a public one, in this order; what is about no thing is asked once.
`python -m tests.access` writes this page, and a test holds that it is true.

✓ may · ✗ is refused · → is asked to sign in · `·` the thing looks as if it did not exist

"""


def of(verb: Verb) -> tuple[str, ...]:
    """Return of which visibilities of a thing a verb is asked: one will do for a verb that is about none."""
    return VISIBILITIES if verb.kind else VISIBILITIES[:1]


def page(measured: Mapping[tuple[str, str, str], str]) -> str:
    """Return the table as Markdown: verbs for which the same was measured stand in one row."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name, verb in TABLE.items():
        cells = " | ".join("".join(_SIGNS[measured[name, who, one]] for one in of(verb)) for who in WHO)
        needs = f"{verb.needs} a {verb.kind}" if verb.kind else verb.needs
        rows.setdefault((name.partition(".")[0], needs, cells), []).append(f"`{name.partition('.')[2].replace('service.', '')}`")
    lines = [f"| {room} | {', '.join(names)} | {needs} | {cells} |" for (room, needs, cells), names in rows.items()]
    head = f"| room | verbs | needs | {' | '.join(WHO)} |\n|{'---|' * (len(WHO) + 3)}\n"
    return _HEAD + head + "\n".join(lines) + "\n"
