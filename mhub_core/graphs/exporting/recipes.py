"""The cells of a notebook around the model: what a person would write to load data, train, look and keep. Plain text."""

from __future__ import annotations

from mhub_core.graphs import ports
from mhub_core.graphs.exporting.expression import listed, quoted, statement

Cell = tuple[str, list[str]]  # "markdown" or "code", and the lines.

WELCOME = [
    "This notebook loads your data, builds the model that was designed in M-Hub, trains it and shows how well it performs.",
    "Change the names in capital letters to match your data, then run the cells from top to bottom.",
]


def _text(words: str) -> Cell:
    return "markdown", words.strip().splitlines()


def _code(code: str) -> Cell:
    return "code", code.strip().splitlines()


def setup(keras_version: str) -> list[Cell]:
    """Return the cells that install the packages and fix the random numbers."""
    return [
        _text("## Packages\n\nOnly the first time. Google Colab has most of them."),
        _code(f'%pip install --quiet "keras>={keras_version}" tensorflow pandas matplotlib'),
        _text("Training starts from random numbers. With a fixed seed, two runs start from the same ones."),
        _code("import keras\n\nkeras.utils.set_random_seed(0)"),
    ]


def images(height: int, width: int, channels: int) -> list[Cell]:
    """Return the cells that load a folder of images; they leave `train`, `validation`, `test` and `num_classes`."""
    color = "grayscale" if channels == 1 else "rgb"
    return [
        _text("""
## The data

Images in folders, one folder for each class: `images/cat/1.jpg`, `images/dog/7.png` ... They are resized to one size.
Seven of every ten are for training; one or two are for validation, which shows whether the model still improves, and
the rest are held out until the end (test).
"""),
        _code(f"""
FOLDER = "images"
BATCH_SIZE = 32

train, rest = keras.utils.image_dataset_from_directory(
    FOLDER,
    image_size=({height}, {width}),
    color_mode="{color}",
    batch_size=BATCH_SIZE,
    validation_split=0.3,
    subset="both",
    seed=0,
)
classes = train.class_names
num_classes = len(classes)
validation = rest.unbatch().shard(2, 0).batch(BATCH_SIZE)
test = rest.unbatch().shard(2, 1).batch(BATCH_SIZE)
"""),
    ]


def train_images() -> list[Cell]:
    """Return the cells that train on images."""
    return [_TRAINING, _compiled("sparse_categorical_crossentropy", "accuracy", "train", "validation_data=validation")]


_SPLIT = """
table = table.sample(frac=1, random_state=0)  # in random order
num_test = max(1, len(table) // 5)
features = pd.get_dummies(table.drop(columns=TARGET), dtype=float)
num_features = features.shape[1]
mean, std = features[num_test:].mean(), features[num_test:].std().replace(0, 1)
x = ((features - mean) / std).fillna(0).to_numpy("float32")
x_test, x_train = x[:num_test], x[num_test:]
"""


CLASSES = "classes, y = np.unique(table[TARGET].astype(str), return_inverse=True)\nnum_classes = len(classes)"
NUMBERS = (
    'y = table[TARGET].to_numpy("float32")\n'
    "y_mean, y_std = y[num_test:].mean(), y[num_test:].std() or 1  # the model learns numbers around 0\n"
    "y = (y - y_mean) / y_std"
)


def table(target: str) -> list[Cell]:
    """Return the cells that load a CSV file; they leave `x_train`, `y_train`, `x_test`, `y_test` and the sizes.

    `target` is the code that makes `y`: `CLASSES` or `NUMBERS`.
    """
    return [
        _text("""
## The data

A CSV file with one example in each row and names in the first row. One column is what the model predicts.
Words become one column of 0 and 1 for each word; numbers are scaled to mean 0 and standard deviation 1.
Every fifth row is held out until the end (test).
"""),
        _code(f"""
import numpy as np
import pandas as pd

CSV_FILE = "data.csv"
TARGET = "target"

table = pd.read_csv(CSV_FILE).dropna(subset=[TARGET])
{_SPLIT.strip()}
{target}
y_test, y_train = y[:num_test], y[num_test:]
"""),
    ]


def train_table(loss: str, metric: str) -> list[Cell]:
    """Return the cells that train on a table."""
    return [_TRAINING, _compiled(loss, metric, "x_train, y_train", "validation_split=0.2")]


def arrays(inputs: list[str], answers: list[str]) -> list[Cell]:
    """Return the cells for data of any kind, which only its owner knows. Takes the names of the layers."""
    x = [f"data[{quoted(name)}]" for name in inputs]
    y = [f"data[{quoted(_answer(place))}]" for place in range(len(answers))]
    wanted = [f"- `{_answer(place)}`: the target for the layer `{name}`" for place, name in enumerate(answers)]
    into = [f"- `{name}`: the input of the layer of that name, in its shape" for name in inputs]
    words = "A file of NumPy arrays, written with `np.savez`, each with one entry per example:"
    return [
        ("markdown", ["## The data", "", words, "", *into, *wanted]),
        (
            "code",
            [
                "import numpy as np",
                "",
                'data = np.load("data.npz")',
                *statement("x = ", listed(ports.one_or_list(x))),
                *statement("y = ", listed(ports.one_or_list(y))),
            ],
        ),
    ]


def _answer(place: int) -> str:
    return f"answer_{place + 1}" if place else "answer"


def train_arrays(losses: list[str]) -> list[Cell]:
    """Return the cells that train on arrays."""
    code = _compiled(None, None, "x, y", "validation_split=0.2")[1]
    head = statement("LOSS = ", listed(ports.one_or_list([quoted(loss) for loss in losses])))
    return [_TRAINING, ("code", [*head, *code])]


_TRAINING = _text("""
## Training

An epoch is one pass over all training examples. Training stops early when the validation examples are no longer
predicted better, and keeps the weights of the epoch with the lowest validation loss.
""")


def _compiled(loss: str | None, metric: str | None, data: str, validation: str) -> Cell:
    told = f'loss="{loss}", metrics=["{metric}"]' if loss else "loss=LOSS"
    return _code(f"""
EPOCHS = 30

model.compile(optimizer="adam", {told})
history = model.fit(
    {data},
    {validation},
    epochs=EPOCHS,
    callbacks=[keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)],
)
""")


_CURVES = """
import matplotlib.pyplot as plt

names = [name for name in history.history if f"val_{name}" in history.history]
figure, plots = plt.subplots(1, len(names), figsize=(6 * len(names), 4), squeeze=False)
for name, plot in zip(names, plots[0]):
    plot.plot(history.history[name], label="training")
    plot.plot(history.history[f"val_{name}"], label="validation")
    plot.set(xlabel="epoch", ylabel=name)
    plot.legend()
plt.show()
"""
TEST_IMAGES = (
    "scores = model.evaluate(test, return_dict=True)\nprint(f\"{scores['accuracy']:.1%} of the held-out images correct.\")"
)
TEST_CLASSES = (
    "scores = model.evaluate(x_test, y_test, return_dict=True)\n"
    "print(f\"{scores['accuracy']:.1%} of the held-out rows correct.\")\n\n"
    "guesses = classes[model.predict(x_test, verbose=0).argmax(axis=1)]\n"
    'pd.DataFrame({"true": classes[y_test], "predicted": guesses}).head(10)'
)
TEST_NUMBERS = (
    "guesses = model.predict(x_test, verbose=0)[:, 0] * y_std + y_mean\n"
    "truth = y_test * y_std + y_mean\n"
    'print(f"On average, the prediction is off by {abs(guesses - truth).mean():.4g}.")\n\n'
    'pd.DataFrame({"true": truth, "predicted": guesses}).head(10)'
)


def look_and_keep(test: str) -> list[Cell]:
    """Return the cells that draw the curves, test the model on what it never saw (with such code), and save it."""
    tested = (
        [_text("## How well does it perform?\n\nMeasured once, on examples that were not used for training."), _code(test)]
        if test
        else []
    )
    words = (
        "## Curves\n\nWhile both losses fall, the model learns. When only the training loss falls, it has started to memorize "
        "the training data (overfitting)."
    )
    keep = "## Keep it\n\nThe file contains the layers and the weights. `keras.models.load_model` loads it again."
    return [_text(words), _code(_CURVES), *tested, _text(keep), _code('model.save("model.keras")')]
