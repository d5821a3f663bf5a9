"""What a layer takes: the same for the engine, for a script and for the JSON of Keras."""

import pytest

from mhub_core.graphs import ports
from tests.graphs.drawing import chain, row

PAIR = {"graph": chain(row(4), "Dropout")}
CALLS = [
    ("Dense", {"inputs": ["a"]}, (["a"], {})),
    ("Add", {"inputs": ["a", "b"]}, ([["a", "b"]], {})),
    ("Add", {"inputs": ["a"]}, ([["a"]], {})),
    ("LSTM", {"inputs": ["a"], "initial_state": ["h", "c"]}, (["a"], {"initial_state": ["h", "c"]})),
    ("Attention", {"query": ["q"], "value": ["v"]}, ([["q", "v"]], {})),
    ("MultiHeadAttention", {"query": ["q"], "value": ["v"]}, ([], {"query": "q", "value": "v"})),
    ("Model", {"n1": ["a"]}, (["a"], {})),
    ("Model", {"n1": ["a"], "n2": ["b"]}, ([["a", "b"]], {})),
]


@pytest.mark.parametrize("class_name, fed, called", CALLS)
def test_a_layer_is_called_on_its_tensors_as_its_class_takes_them(class_name, fed, called):
    assert ports.arguments({"class": class_name, "config": PAIR}, fed) == called
