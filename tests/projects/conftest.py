"""What the tests of projects share: a teacher with a project, and two students."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mhub_core.accounts.records import User
from mhub_core.models import service as models
from mhub_core.projects import join_service
from mhub_core.projects import service as projects
from tests import factories


@dataclass(frozen=True)
class Class:
    """A project of Tess's, which people join by its code as editors."""

    tess: User
    ann: User
    ben: User
    project_id: int

    @property
    def code(self) -> str:
        """The code that lets people in."""
        return join_service.require_entry(self.tess, self.project_id).code

    def join(self, *people: User, puts_new: bool = False) -> None:
        """Let people in by the code."""
        for person in people:
            join_service.join(person, self.code, "here", puts_new)


@pytest.fixture
def school(hub) -> Class:
    tess, ann, ben = (factories.person(name) for name in ("tess", "ann", "ben"))
    project_id = projects.create(tess, "Class 8b", "We *learn*.")
    join_service.set_entry(tess, project_id, True, "edit")
    return Class(tess, ann, ben, project_id)


def model_of(owner: User, visibility: str = "private", name: str = "Small net") -> int:
    """Make a model and return its id."""
    return models.require_version(owner, factories.model(owner, visibility, name)).model_id
