"""A few of the layers that `python -m tests.round_trips` sends out and back; the program takes all."""

import pytest

from mhub_core.catalog import catalog
from tests import round_trips

pytestmark = pytest.mark.slow

# One of each way in which Keras makes weights: at once, late, in an inner layer, in a cell; and one that reads words.
FEW = ("Conv2D", "SpectralNormalization", "MultiHeadAttention", "Bidirectional", "StackedRNNCells", "TextVectorization")


@pytest.mark.parametrize("name", FEW)
def test_a_layer_goes_out_as_json_and_python_and_comes_back_the_same(name):
    block = catalog.require_layer(name)
    [(_, graph)] = round_trips.drawn(block, name, round_trips.nested(block))
    told = {way: differs() for way, differs in round_trips.ways(graph, round_trips.of_script)}
    assert told == {"keras": "", "read": "", "json": "", "script": ""}


def test_every_layer_with_a_form_is_among_the_round_trips():
    assert len(round_trips.forms()) >= 136
