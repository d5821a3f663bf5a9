"""Architectures for rows of numbers."""

from __future__ import annotations

from mhub_core.graphs.architectures.pen import Pen
from mhub_core.graphs.walk import Graph

ROW = [16]


def softmax_regression() -> Graph:
    """One weighted sum for each class."""
    return Pen(shape=ROW).classify()


def linear_regression() -> Graph:
    """One weighted sum."""
    return Pen(shape=ROW).estimate()


def dense_classifier() -> Graph:
    """Two hidden layers."""
    pen = Pen(shape=ROW)
    pen.add("Dense", units=64, activation="relu")
    pen.add("Dropout", rate=0.2)
    pen.add("Dense", units=32, activation="relu")
    return pen.classify()


def dense_regressor() -> Graph:
    """Two hidden layers and a number."""
    pen = Pen(shape=ROW)
    pen.add("Dense", units=64, activation="relu")
    pen.add("Dense", units=64, activation="relu")
    return pen.estimate()


def wide_and_deep() -> Graph:
    """Cheng et al. 2016, figure 1: crossed features go straight to the answer, the others through hidden layers."""
    pen = Pen()
    wide = pen.input(shape=ROW)
    pen.input(shape=ROW)
    pen.add("Dense", units=64, activation="relu")
    deep = pen.add("Dense", units=32, activation="relu")
    pen.add("Concatenate", wide, deep)
    return pen.classify()
