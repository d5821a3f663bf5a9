"""Large numbers with their names, as HTML."""

from mhub_core.ui.figures import Figure


def test_a_figure_shows_what_was_typed_and_nothing_of_it_is_markup():
    assert Figure("<b>class</b>", "a & b").to_html() == "<div><dt>&lt;b&gt;class&lt;/b&gt;</dt><dd>a &amp; b</dd></div>"


def test_what_a_figure_means_stands_below_it():
    told = Figure("Accuracy", "0.973", "The share of <correct> predictions.").to_html()
    assert told.endswith("<dd>0.973</dd><dd class='help'>The share of &lt;correct&gt; predictions.</dd></div>")
