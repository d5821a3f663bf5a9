"""Architectures for signals (steps, values at each step) and for texts (the numbers of words)."""

from __future__ import annotations

from mhub_core.graphs.architectures.pen import Pen
from mhub_core.graphs.walk import Graph

SIGNAL = [128, 3]
STEPS, WORDS = 64, 5_000
_QUICK = 0.9  # momentum of batch normalisation: small data have too few batches for the usual 0.99


def lstm_classifier() -> Graph:
    """Two LSTM layers (Hochreiter and Schmidhuber 1997): the first hands its whole sequence to the second."""
    pen = Pen(shape=SIGNAL)
    pen.add("LSTM", units=64, return_sequences=True)
    pen.add("Dropout", rate=0.2)
    pen.add("LSTM", units=32)
    return pen.classify()


def bidirectional_gru() -> Graph:
    """GRU layers (Cho et al. 2014) that read the sequence from both ends."""
    pen = Pen(shape=SIGNAL)
    pen.add("Bidirectional", layer={"class": "GRU", "config": {"units": 32, "return_sequences": True}})
    pen.add("Dropout", rate=0.2)
    pen.add("Bidirectional", layer={"class": "GRU", "config": {"units": 32}})
    return pen.classify()


def signal_cnn() -> Graph:
    """The fully convolutional network of Wang, Yan and Oates 2017, figure 1(b), half as wide."""
    pen = Pen(shape=SIGNAL)
    for filters, size in ((64, 8), (128, 5), (64, 3)):
        pen.add("Conv1D", filters=filters, kernel_size=size, padding="same")
        pen.normalise(momentum=_QUICK)
    pen.add("GlobalAveragePooling1D")
    return pen.classify()


def small_signal_cnn() -> Graph:
    """Two rounds of convolution and pooling along time, after Waibel et al. 1989."""
    pen = _two_rounds()
    pen.add("Dropout", rate=0.2)
    return pen.classify()


def signal_regressor() -> Graph:
    """The same rounds, and one number at the end."""
    return _two_rounds().estimate()


def _two_rounds() -> Pen:
    pen = Pen(shape=SIGNAL)
    for filters, size in ((32, 7), (64, 5)):
        pen.add("Conv1D", filters=filters, kernel_size=size, padding="same")
        pen.normalise(momentum=_QUICK)
        pen.add("MaxPooling1D", pool_size=2, padding="same")
    pen.add("Conv1D", filters=64, kernel_size=3, padding="same", activation="relu")
    pen.add("GlobalAveragePooling1D")
    return pen


def gru_regressor() -> Graph:
    """A GRU layer (Cho et al. 2014) whose last state becomes a number."""
    pen = Pen(shape=SIGNAL)
    pen.add("GRU", units=48)
    pen.add("Dense", units=32, activation="relu")
    return pen.estimate()


def word_average() -> Graph:
    """Joulin et al. 2017, figure 1: the mean of all words' vectors, then a choice."""
    return _averaged().classify()


def word_average_regressor() -> Graph:
    """The same mean, then a number."""
    return _averaged().estimate()


def _averaged() -> Pen:
    pen = _words(32)
    pen.add("GlobalAveragePooling1D")
    return pen


def _words(width: int) -> Pen:
    """Begin with learned numbers for each word; 0, which fills short texts up, counts for nothing."""
    pen = Pen(shape=[STEPS], dtype="int32")
    pen.add("Embedding", input_dim=WORDS, output_dim=width, mask_zero=True)
    return pen


def text_cnn() -> Graph:
    """Kim 2014, figure 1, with windows of one size instead of three."""
    pen = Pen(shape=[STEPS], dtype="int32")
    pen.add("Embedding", input_dim=WORDS, output_dim=64)
    pen.add("Conv1D", filters=128, kernel_size=5, activation="relu")
    pen.add("GlobalMaxPooling1D")
    pen.add("Dropout", rate=0.5)
    return pen.classify()


def text_gru() -> Graph:
    """One GRU layer (Cho et al. 2014) that reads a text from both ends."""
    return _read_from_both_ends().classify()


def text_gru_regressor() -> Graph:
    """The same, then a number."""
    return _read_from_both_ends().estimate()


def _read_from_both_ends() -> Pen:
    pen = _words(64)
    pen.add("Bidirectional", layer={"class": "GRU", "config": {"units": 32}})
    pen.add("Dropout", rate=0.3)
    return pen


def text_transformer(width: int = 64, blocks: int = 2) -> Graph:
    """The encoder of Vaswani et al. 2017, section 3, with learned positions, and the mean over all words at its end."""
    pen = Pen(shape=[STEPS], dtype="int32")
    pen.add("Embedding", input_dim=WORDS, output_dim=width)
    pen.place(STEPS, width)
    for _ in range(blocks):
        start = pen.last
        looked = pen.add("MultiHeadAttention", start, start, num_heads=4, key_dim=width // 4, dropout=0.1)
        pen.add("Add", start, looked)
        start = pen.add("LayerNormalization", epsilon=1e-6)
        pen.add("Dense", units=2 * width, activation="relu")
        pen.add("Add", start, pen.add("Dense", units=width))
        pen.add("LayerNormalization", epsilon=1e-6)
    pen.add("GlobalAveragePooling1D")
    pen.add("Dropout", rate=0.1)
    return pen.classify()
