"""The notebook: valid, in plain words, and its cells run from top to bottom on real data."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn import datasets

from mhub_core.errors import Invalid
from mhub_core.graphs import edit, export, stock
from mhub_core.graphs.exporting import notebook
from tests.graphs.drawing import chain, dense, picture, row


def _cells(text, kind):
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == kind]


def _run(folder, *texts):
    """Run the code cells of notebooks in one fresh Python, as Jupyter would, with few epochs."""
    scripts = ["\n\n".join(cell for cell in _cells(text, "code") if not cell.startswith("%")) for text in texts]
    code = "\n\n".join(scripts).replace("EPOCHS = 30", "EPOCHS = 3")
    environment = {**os.environ, "MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _write_images(folder):
    digits = datasets.load_digits()
    for place in range(120):
        path = folder / "images" / f"digit {digits.target[place] % 3}" / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((digits.images[place] * 15).astype("uint8")).resize((28, 28)).save(path)


@pytest.mark.slow
def test_notebooks_run_from_top_to_bottom_on_a_folder_of_images_a_table_and_arrays(tmp_path):
    _write_images(tmp_path)
    iris = datasets.load_iris(as_frame=True).frame
    iris["colour"] = np.where(iris.index % 2, "blue", "white")
    iris.loc[3, "sepal length (cm)"] = None
    iris.to_csv(tmp_path / "data.csv", index=False)
    np.savez(tmp_path / "data.npz", input=np.random.random((40, 4)), answer=np.zeros((40, 1)), answer_2=np.ones((40, 2)))
    drawn = stock.require_stock("dense_classifier").graph()
    two = edit.mark_output(chain(row(4), dense(2), dense(1, activation="sigmoid")), "n2", True)
    said = _run(
        tmp_path,
        export.to_notebook(stock.require_stock("small_cnn").graph(), kind="images"),
        export.to_notebook(drawn, kind="table", task="classification"),
        export.to_notebook(drawn, kind="table", task="regression"),
        export.to_notebook(two, kind="arrays"),
    )
    assert "held-out images" in said and "held-out rows" in said and "off by" in said
    assert (tmp_path / "model.keras").stat().st_size > 10_000


def test_the_model_of_a_notebook_takes_its_sizes_from_the_data():
    graph = chain(
        row(16), ("Reshape", {"target_shape": [16, 1]}), ("Conv1D", {"filters": 4, "kernel_size": 3}), "Flatten", dense(10)
    )
    code = "\n".join(_cells(export.to_notebook(graph, kind="table"), "code"))
    assert "keras.Input(shape=(num_features,)" in code and 'layers.Dense(num_classes, activation="softmax")' in code
    assert "16" not in code and "900" not in code


def test_what_only_its_owner_knows_is_a_notebook_for_arrays():
    assert notebook.guess(stock.require_stock("small_cnn").graph()) == ("images", "classification")
    assert notebook.guess(stock.require_stock("dense_regressor").graph()) == ("table", "regression")
    assert notebook.guess(stock.require_stock("text_transformer").graph())[0] == "arrays"
    assert notebook.guess(stock.require_stock("unet_small").graph())[0] == "arrays"


def test_every_stock_model_has_a_notebook_of_python_that_compiles():
    for item in stock.list_stock():
        kind, task = notebook.guess(item.graph())
        for cell in _cells(export.to_notebook(item.graph(), kind=kind, task=task, name=item.title), "code"):
            compile(cell.replace("%pip", "# pip"), item.name, "exec")


def test_a_notebook_has_the_form_that_jupyter_reads_and_a_name_stays_text():
    text = export.to_notebook(chain(row(4), dense(2)), kind="table", name="<img src=x>\n# **My** model")
    whole = json.loads(text)
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5) and len({cell["id"] for cell in whole["cells"]}) == len(
        whole["cells"]
    )
    assert _cells(text, "markdown")[0].startswith(r"# \<img src\=x\> \# \*\*My\*\* model" + "\n")


def test_a_notebook_that_cannot_be_says_why():
    with pytest.raises(Invalid, match="cannot be written"):
        export.to_notebook(chain(picture(8, 8, 1), "Flatten", dense(2)), kind="images", task="regression")
    with pytest.raises(Invalid, match="not connected"):
        export.to_notebook(edit.add_node(chain(row(4), dense(2)), "Dense")[0], kind="table")
