"""The terms of the field that the screens use, each in a sentence or two; what other rooms explain is taken from there."""

from __future__ import annotations

import html
import unicodedata
from functools import cache

from mhub_core.catalog import catalog
from mhub_core.tasks.registry import TASKS
from mhub_core.training.plan import OPTIMIZERS
from mhub_core.ui.dataset_words import counted

Terms = dict[str, str]
_DATA = {
    "Dataset": "The examples that a model learns from, with the correct output of each.",
    "Example": "One item of a dataset: a table row, an image, a text or a series.",
    "Target": "What the model learns to predict: one column of a table, the class of an image, a mask, or boxes.",
    "Class": "One of the values that a target can have, such as “setosa”. A model predicts a probability for each.",
    "Task": (
        "Classification predicts a class, regression a number, segmentation a class for every pixel, and detection a box for "
        "each object."
    ),
    "Training data": "The examples that the weights are adjusted to.",
    "Validation data": (
        "A share of the training data that is kept out of training and checked after every epoch. It shows whether the "
        "network generalizes or only memorizes."
    ),
    "Held-out test data": (
        "Examples that are never used for training. The hub scores every trained model on them once, and the leaderboard "
        "ranks by that score."
    ),
    "Normalization": (
        "Bringing numbers to a similar size, such as a mean of 0 and a standard deviation of 1, so that no column "
        "outweighs the others. The hub does this for tables."
    ),
    "Vocabulary": (
        "The words that a model of texts knows: the most frequent ones of the training texts. All others are one word to it."
    ),
    "One-hot encoding": "A category as one number per possible value: 1 for the value that it has, and 0 for all others.",
    "Augmentation": (
        "Random changes to the training images, such as flips and small rotations, so that the network sees more variety."
        " Add the layers whose names begin with “Random”."
    ),
    "Mask": "An image that says for each pixel which class it belongs to: the target of segmentation.",
    "Box": "The smallest upright rectangle around an object, with the class of the object: the target of detection.",
}
_NETWORKS = {
    "Model": "A network and all its versions, under one name.",
    "Version": "A model as it was saved at one time, trained or not. It never changes; a run adds a trained version.",
    "Layer": "One step of a network: numbers enter, and other numbers leave.",
    "Parameter": "A number in a layer that is adjusted during training: a weight or a bias. Small networks have thousands.",
    "Weights": "The parameters that the inputs of a layer are multiplied by. They hold what a model has learned.",
    "Unit": "One output number of a dense layer, also called a neuron.",
    "Filter": "A small pattern of weights that a convolution looks for everywhere in an image.",
    "Activation": "A function that is applied to the outputs of a layer, such as ReLU. Without it, layers in a row act as one.",
    "ReLU": "The most common activation: negative numbers become 0, others stay as they are.",
    "Softmax": "Turns the last outputs of a classifier into probabilities that add up to 1.",
    "Tensor": "A block of numbers with any number of dimensions; this is what flows between layers.",
    "Tensor shape": (
        "How many numbers a tensor has in each dimension. A gray image of 28 × 28 pixels has the shape 28 × 28 × 1, and a"
        " row with four columns has the shape 4."
    ),
    "Multiply-adds": "How many multiplications and additions one example costs: a measure of how slow a network is.",
    "Stock model": "A known architecture to start from, such as LeNet-5.",
}
_TRAINING = {
    "Run": "A model being trained on a dataset, with its settings, curves, log and scores. It has a page of its own.",
    "Epoch": "One pass over all the training data.",
    "Batch size": "How many examples the network processes before each update of its weights.",
    "Step": "One update of the weights, after one batch.",
    "Learning rate": (
        "How large each update of the weights is. If it is too large, the loss jumps around; if it is too small, training"
        " is slow."
    ),
    "Loss": "A number that says how wrong the predictions are. Training minimizes it.",
    "Optimizer": "The rule that computes each update of the weights from the loss.",
    "Gradient descent": (
        "Changing each weight a little in the direction that makes the loss smaller. Every optimizer builds on it."
    ),
    "Curve": "A value after each epoch, once for the training data and once for the validation data.",
    "Overfitting": (
        "The training loss still improves while the validation loss gets worse: the network memorizes the training data. "
        "More data, augmentation, dropout or a smaller network help."
    ),
    "Underfitting": "Even the training loss stays high: train longer, raise the learning rate, or use a larger network.",
    "Early stopping": (
        "Ending a run once the validation loss no longer improves. Here you press Stop: what was learned so far is tested"
        " and saved."
    ),
    "Best epoch": "The epoch with the best validation score. It is marked on the curves.",
    "Seed": (
        "The number that all random choices of a run follow from, such as the first weights. The same seed repeats a run. Runs "
        "that differ in the seed alone show how much of a score is chance: they are one line in lists."
    ),
    "Worker": "A process that trains models or computes predictions, on this machine or on another one.",
}
_RESULTS = {
    "Prediction": "What a trained model says about an example.",
    "Confidence": "The probability that a model gives to a class. A model can be confident and wrong.",
    "Confusion matrix": "A table that counts, for each true class (row), how often the model predicted each class (column).",
    "Macro average": "The mean of a score over the classes, each with the same weight. Macro F1 is the F1 of a leaderboard here.",
    "Project": (
        "A class, a team or a topic. Its members see each other’s models, datasets and runs in it, with a leaderboard of their "
        "own."
    ),
    "Read, edit, manage": (
        "What a person can do with something that is shared with them. Each level can do what those before it can; the page of "
        "the thing says what that is."
    ),
    "Join code": "Eight letters, or a QR code, with which people become members of a project, such as everyone in a class.",
    "Leaderboard": "All finished runs on a dataset that you can see, ranked by their score on the held-out test data.",
    "Private and public": (
        "A private model or dataset is visible to its owner, to people it is shared with and to the members of its projects; a "
        "public one to everyone who can open this hub."
    ),
}
# The layers that most networks consist of; the builder explains every other one.
_LAYERS = (
    *("InputLayer", "Dense", "Conv2D", "MaxPooling2D", "GlobalAveragePooling2D", "Flatten", "Dropout", "BatchNormalization"),
    *("LayerNormalization", "Activation", "Add", "Concatenate", "Reshape", "Rescaling", "Normalization", "RandomFlip"),
    *("Embedding", "LSTM", "GRU", "MultiHeadAttention", "Conv2DTranspose", "UpSampling2D"),
)


@cache
def groups() -> dict[str, Terms]:
    """Return all terms in groups, with what they mean."""
    scores = {score.label: score.help for task in TASKS.values() for score in task.scores if score.name != "loss"}
    losses = {f"{loss.label} (loss)": loss.help for task in reversed(TASKS.values()) for loss in task.losses}
    layers = {name: catalog.require_layer(name).help for name in _LAYERS}
    return {
        "Data": _DATA,
        "Networks": _NETWORKS,
        "Layers": layers,
        "Training": _TRAINING,
        "Optimizers": {one.label: one.help for one in OPTIMIZERS},
        "Losses": losses,
        "Results": _RESULTS,
        "Scores": scores,
    }


def find(search: str) -> dict[str, Terms]:
    """Return the terms whose names, or the names of their groups, hold all words; else those whose meanings do."""
    wanted = _folded(search).split()
    for in_meaning in (False, True):
        found = {
            group: {
                term: meaning
                for term, meaning in terms.items()
                if all(word in _folded(f"{group} {term} {meaning if in_meaning else ''}") for word in wanted)
            }
            for group, terms in groups().items()
        }
        if any(found.values()):
            return {group: terms for group, terms in found.items() if terms}
    return {}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()  # R² is found as r2


def to_html(found: dict[str, Terms], opened: bool) -> str:
    """Return terms as one piece of HTML, which costs a page less than an element for each; groups are folded unless `opened`."""
    parts = []
    for group, terms in found.items():
        pairs = (f"<dt>{html.escape(term)}</dt><dd>{html.escape(meaning)}</dd>" for term, meaning in terms.items())
        title = f"<summary><h3>{html.escape(group)}</h3><span>{counted(len(terms), 'term')}</span></summary>"
        parts.append(f"<details{' open' if opened else ''}>{title}<dl>{''.join(pairs)}</dl></details>")
    return f"<div class='mhub-glossary'>{''.join(parts)}</div>"
