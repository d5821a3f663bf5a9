"""What the tests of runs share."""

from __future__ import annotations

import pytest

from tests import factories


@pytest.fixture
def pair(ada) -> tuple[int, int]:
    """A public version of a model of Ada's, and a version of a public dataset."""
    return factories.model(ada, "public"), factories.dataset()
