"""Every layer of the catalogue has a form that can be drawn, and every value typed into it comes back as it was meant."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core.catalog import catalog
from mhub_core.errors import Invalid
from mhub_core.ui.forms import fields, text

pytestmark = pytest.mark.slow

OFFERED = [block for block in catalog.list_layers() if not block.no_form]


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("shape", "28, 28, 1", [28, 28, 1]),
        ("shape", "13", [13]),
        ("shape", "none, 8", [None, 8]),
        ("shape", "()", []),
        ("ints", "3", 3),
        ("ints", "3, 3", [3, 3]),
        ("ints", "(2,)", [2]),
        ("ints", "((1, 2), (3, 4))", [[1, 2], [3, 4]]),
        ("numbers", "0.25", 0.25),
        ("numbers", "-0.5, 0.5", [-0.5, 0.5]),
        ("strings", "cat, dog", ["cat", "dog"]),
        ("float", "1e-7", 1e-7),
        ("ints", "((1, 0), (0, 1))", [[1, 0], [0, 1]]),
        ("ints", "  ", None),
        ("string", "ab->c", "ab->c"),
    ],
)
def test_what_is_typed_is_read_as_meant_and_shown_as_typed(kind, typed, value):
    assert text.from_text(kind, typed) == value
    assert text.from_text(kind, text.to_text(value, kind)) == value


@pytest.mark.parametrize(
    ("kind", "typed"), [("ints", "three"), ("shape", "28x28"), ("numbers", "1, b"), ("ints", "[[1, 2"), ("float", "1,5x")]
)
def test_what_is_no_number_is_refused_in_words(kind, typed):
    with pytest.raises(ValueError, match="must"):
        text.from_text(kind, typed)


@pytest.mark.parametrize(
    "words",
    [
        ["[UNK]", "cat"],
        ["none"],
        ["a, b", "c"],
        ["'tis", "dog"],
        ["'cat'", "x"],
        ["(", ")"],
        ["[[x", "y"],
        [" cat "],
        ['"', '""'],
        [],
    ],
)
def test_words_stay_the_words_that_they_were(words):
    assert text.from_text("strings", text.to_text(words, "strings")) == words


def test_words_may_be_typed_as_python_writes_them():
    assert text.from_text("strings", "['cat', \"dog, big\",]") == ["cat", "dog, big"]


@pytest.mark.parametrize("typed", ["[" * 50_000, "[" * 200_000])
def test_brackets_without_end_are_refused_in_words(typed):
    with pytest.raises(ValueError, match="must"):
        text.from_text("ints", typed)


def _page(names: list[str]) -> None:
    import streamlit as st

    from mhub_core.catalog import catalog
    from mhub_core.ui.forms import fields

    for name in names:
        block = catalog.require_layer(name)
        st.session_state[f"{name}_more"] = True
        form = fields.Form(name, lambda *_: None, lambda *_: None, {})
        fields.draw(form, block, catalog.first_config(block))


@pytest.mark.slow
def test_the_form_of_every_layer_can_be_drawn_and_finds_nothing_wrong_with_it():
    app = AppTest.from_function(_page, args=([block.name for block in OFFERED],), default_timeout=600).run()

    assert not app.exception
    assert not [line.value for line in app.markdown if "▲" in line.value]
    assert len(OFFERED) > 130
    kinds = (app.text_input, app.number_input, app.selectbox, app.checkbox)
    drawn = {widget.key for widgets in kinds for widget in widgets}
    missing = [
        f"{block.name}_{item.name}" for block in OFFERED for item in block.arguments if f"{block.name}_{item.name}" not in drawn
    ]
    assert missing == []


def test_a_nested_block_is_chosen_and_its_own_argument_set():
    dense = catalog.require_layer("Dense")
    config = fields.with_value(dense, {"units": 3}, ("kernel_regularizer",), fields.fresh("regularizer", "l2"))
    assert config == {"units": 3, "kernel_regularizer": "l2"}
    config = fields.with_value(dense, config, ("kernel_regularizer", "l2"), 0.5)
    assert config["kernel_regularizer"] == {"class": "L2", "config": {"l2": 0.5}}


def test_the_layer_inside_a_wrapper_is_changed_in_place():
    block = catalog.require_layer("Bidirectional")
    config = fields.with_value(block, catalog.first_config(block), ("layer", "units"), 7)
    assert config["layer"] == {"class": "LSTM", "config": {"units": 7}}


def test_a_list_of_layers_grows_shrinks_and_is_changed_in_place():
    block = catalog.require_layer("StackedRNNCells")
    config = fields.with_value(block, catalog.first_config(block), ("cells",), [None] * 3)
    config = fields.with_value(block, config, ("cells", "2", "units"), 5)
    assert [cell["config"]["units"] for cell in config["cells"]] == [32, 32, 5]
    assert len(fields.with_value(block, config, ("cells",), [None])["cells"]) == 1
    with pytest.raises(Invalid, match="no longer in the list"):
        fields.with_value(block, config, ("cells", "3", "units"), 5)


def test_a_value_out_of_bounds_is_refused():
    with pytest.raises(Invalid, match="units"):
        fields.with_value(catalog.require_layer("Dense"), {"units": 3}, ("units",), -1)


def test_the_own_settings_of_a_nested_block_are_drawn_when_opened():
    def page() -> None:
        import streamlit as st

        from mhub_core.catalog import catalog
        from mhub_core.ui.forms import fields

        for name, inner in (("Bidirectional", "layer"), ("StackedRNNCells", "cells.0"), ("StackedRNNCells", "cells.1")):
            st.session_state[f"{name}_{inner}_own"] = True
        for name in ("Bidirectional", "StackedRNNCells"):
            block = catalog.require_layer(name)
            form = fields.Form(name, lambda *_: None, lambda *_: None, {})
            fields.draw(form, block, catalog.first_config(block))

    app = AppTest.from_function(page, default_timeout=600).run()

    assert not app.exception
    drawn = {widget.key for widget in app.number_input}
    assert {"Bidirectional_layer.units", "StackedRNNCells_cells.0.units", "StackedRNNCells_cells.1.units"} <= drawn


def _optimizer() -> None:
    import streamlit as st

    from mhub_core.catalog import catalog
    from mhub_core.ui.forms import fields

    adam = catalog.require_block("optimizer", "Adam")
    config = st.session_state.setdefault("config", {})

    def take(path: tuple, value: object) -> None:
        st.session_state["config"] = fields.with_value(adam, config, path, value)

    fields.draw(fields.Form("adam", take, take, {}), adam, config)


def test_a_learning_rate_is_typed_or_becomes_a_schedule_with_its_own_form():
    app = AppTest.from_function(_optimizer, default_timeout=600).run()
    app.text_input(key="adam_learning_rate_number").set_value("0.02").run()
    assert app.session_state["config"] == {"learning_rate": 0.02}
    app.selectbox(key="adam_learning_rate").set_value("CosineDecay").run()
    assert app.session_state["config"]["learning_rate"]["class"] == "CosineDecay"
    app.session_state["adam_learning_rate_own"] = True
    app.run().number_input(key="adam_learning_rate.decay_steps").set_value(7).run()
    assert app.session_state["config"]["learning_rate"]["config"]["decay_steps"] == 7
    assert not app.exception


def test_what_cannot_be_meant_stays_in_its_field_with_a_sentence_until_it_is_mended():
    app = AppTest.from_function(_optimizer, default_timeout=600).run()
    app.text_input(key="adam_learning_rate_number").set_value("0,5").run()
    app.selectbox(key="adam_learning_rate").run()
    assert app.text_input(key="adam_learning_rate_number").value == "0,5"
    assert "Must be a number with a decimal point, such as 0.5. Value in use" in app.markdown[0].value
    assert app.session_state["config"] == {}
    assert not app.text_input(key="adam_learning_rate_number").set_value("0.5").run().markdown
