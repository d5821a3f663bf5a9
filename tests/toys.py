"""A kind of data, a task and a learner that the hub does not have: what somebody writes who adds one, as small as can be.

The kind is a wave, a line of 8 numbers given as text; the task is a point, two numbers at once; the learner answers as the
nearest examples do, with NumPy alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import streamlit as st

from mhub_core.data import splits
from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.errors import Invalid
from mhub_core.graphs import adapt
from mhub_core.graphs.adapt import Input
from mhub_core.graphs.answer import Output
from mhub_core.kinds.kind import NEVER, Decoded
from mhub_core.tasks.task import Loss, Score
from mhub_core.training.engine import rows as row_work
from mhub_core.training.engine.measuring import measure
from mhub_core.training.learners.learner import CHOICE, WHOLE_NUMBER, Field, Option
from mhub_core.training.records import Outcome, Report, RunSpec
from mhub_core.ui.kinds.view import Given

LENGTH = 8


def waves(number: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Waves, and for each its mean and its spread."""
    x = np.random.default_rng(3).normal(size=(number, LENGTH)).astype(np.float32)
    return x, np.stack([x.mean(1), x.max(1) - x.min(1)], axis=1)


class Wave:
    """The kind."""

    name, noun, tasks, epochs, decodes_files = "wave", ("wave", "waves"), ("point",), 5, False
    notices: tuple[str, ...] = ()
    recipes = None
    num_mistakes = 0
    split_ways = ("stratified",)
    help = "each line of numbers is one example"

    def likeness(self, found: str, path: Path, file_name: str, chosen: dict[str, Any]) -> int:
        return NEVER

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        return file_name.endswith(".wave")

    def preview(self, path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
        return UploadPreview("wave", file_name, path.stat().st_size, (), "point", {"point": "point"}, (), {}, ())

    def check_request(self, target: str, task: str, choices: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        return {"target": target, "task": task}, {}

    def prepare(self, path: Path, request: dict[str, Any], folder: Path, progress: Any) -> Any:
        return self.keep(waves(), request["target"], request["task"], folder)

    def keep(self, loaded: Any, target: str, task: str, folder: Path) -> Any:
        x, y = loaded
        split = splits.split_rows(None, len(x))
        for name, array in (("x", x), ("y", y), ("split", split)):
            np.save(folder / f"{name}.npy", array)
        arrays = {name: f"{name}.npy" for name in ("x", "y", "split")}
        spec = DataSpec("wave", task, arrays, {"shape": [LENGTH]}, {"name": target}, **splits.counts(split))
        return spec, {"accepted": len(x), "refused": 0, "reasons": [], "warnings": []}

    def notice(self, x: np.ndarray) -> dict[str, Any]:
        return {}

    def groups(self, data: DataSpec, path_of: Any) -> None:
        return None

    def shape_words(self, data: DataSpec) -> str:
        return f"{LENGTH} steps"

    def input(self, data: DataSpec) -> Input:
        return Input((LENGTH,), "wave", adapt.leave_out_scale)

    def check_inputs(self, data: DataSpec, given: Sequence[str]) -> dict[str, Any]:
        if not given:
            raise Invalid("There is no wave.", f"{LENGTH} numbers.", "Give one.")
        return {"waves": list(given)}

    def decode(self, data: DataSpec, inputs: dict[str, Any]) -> Decoded:
        return Decoded(np.array([[float(number) for number in wave.split()] for wave in inputs["waves"]], np.float32))

    def picture(self, x: np.ndarray) -> None:
        return None


class Point:
    """The task."""

    name, title, help, hidden_share, num_examples = "point", "Point", "tell two numbers", "a fifth", 2
    batch_size, num_steps = 32, 300
    curve = Score("mae", "Mean error", "How far off.", higher_is_better=False)
    curve_help = ""
    losses = (Loss("mean_squared_error", "Squared error", "Large errors count more.", "MeanSquaredError"),)
    scores = (Score("distance", "Distance", "How far answers lie from the truth.", higher_is_better=False),)

    def output(self, data: DataSpec) -> Output:
        return Output(2, "linear", "answers with two numbers")

    def read_column(self, values: Any) -> Any:
        raise Invalid("A column holds no points.")

    def describe(self, name: str, y: np.ndarray, classes: Sequence[str], train: np.ndarray) -> dict[str, Any]:
        return {"name": name}

    def notes(self, y: np.ndarray, classes: Sequence[str]) -> list[str]:
        return []

    def strata(self, y: np.ndarray) -> None:
        return None

    def encode(self, y: np.ndarray, data: DataSpec, loss: Loss) -> np.ndarray:
        return y

    def scorer(self, data: DataSpec) -> Distances:
        return Distances()

    def wrongness(self, truth: np.ndarray, output: np.ndarray) -> np.ndarray:
        return np.linalg.norm(truth - output, axis=1)

    def answer(self, output: np.ndarray, data: DataSpec, frame: Any = None) -> dict[str, Any]:
        return {"point": output.tolist()}

    def truth(self, y: Any, data: DataSpec) -> dict[str, Any]:
        return {"point": y.tolist()}

    def truth_file(self, y: Any, data: DataSpec) -> None:
        return None


class Distances:
    """Measures the task."""

    def __init__(self) -> None:
        self._total, self._number = 0.0, 0

    def add(self, truth: np.ndarray, output: np.ndarray) -> None:
        self._total += float(np.linalg.norm(truth - output, axis=1).sum())
        self._number += len(truth)

    def report(self) -> dict[str, Any]:
        return {"task": "point", "scores": {"distance": self._total / self._number}}


class PointEngine:
    """The Keras side of the task."""

    def loss(self, data: DataSpec, loss: Loss) -> keras.losses.Loss:
        return keras.losses.MeanSquaredError()

    def metric(self, data: DataSpec, loss: Loss) -> keras.Metric:
        return keras.metrics.MeanAbsoluteError(name="mae")

    def told(self, name: str, value: float, data: DataSpec) -> float:
        return value

    def answer(self, output: Any, data: DataSpec) -> Any:
        return output


class Neighbours:
    """The learner."""

    name, title, help = "neighbours", "Nearest neighbours", "Answers as the nearest examples do."
    continues, file_ending = False, ".npz"

    def accepts(self, kind: str, task: str) -> bool:
        return task == "point"

    def fields(self, data: DataSpec, graph: Any = None) -> tuple[Field, ...]:
        even = Option("even", "Even", "Each counts the same.", 3)
        near = Option("near", "By nearness", "Near ones count more.", 5)
        return (
            Field("weighting", "Weighting", "How they count.", CHOICE, "even", options=(even, near)),
            Field("number", "Neighbours", "How many examples answer.", WHOLE_NUMBER, 3, digits="d", follows="weighting"),
        )

    def defaults(self, data: DataSpec, graph: Any = None) -> dict[str, Any]:
        return {field.name: field.default for field in self.fields(data)}

    def check(self, values: dict[str, Any], data: DataSpec, graph: Any = None) -> dict[str, Any]:
        weighting, number = self.fields(data)
        plan = {**self.defaults(data), **values}
        problems = {name: "is not a setting" for name in plan.keys() - self.defaults(data).keys()}
        if not isinstance(plan["weighting"], str) or weighting.option(plan["weighting"]) is None:
            problems["weighting"] = "must be even or near"
        if type(plan["number"]) is not int or not 1 <= plan["number"] <= data.num_train:
            problems[number.name] = f"must be a whole number from 1 to {data.num_train}"
        if problems:
            raise Invalid("The settings have mistakes.", problems=problems)
        return plan

    def require_affordable(self, plan: dict[str, Any], data: DataSpec, totals: Any, machine: Any) -> None:
        pass


class Neighbourhood:
    """What the learner learned."""

    is_by_row = True

    def __init__(self, x: np.ndarray, y: np.ndarray, number: int, by_nearness: bool) -> None:
        self._x, self._y, self._number, self._by_nearness = x, y, number, by_nearness

    def predict(self, x: np.ndarray) -> np.ndarray:
        far = np.linalg.norm(x[:, None] - self._x[None], axis=2)
        nearest = np.argsort(far, axis=1)[:, : self._number]
        weights = 1 / (np.take_along_axis(far, nearest, 1) + 1e-6) if self._by_nearness else np.ones(nearest.shape)
        return (self._y[nearest] * weights[:, :, None]).sum(1) / weights.sum(1)[:, None]


class NeighboursEngine:
    """The working side of the learner."""

    def warm_up(self) -> None:
        return None

    def fit(self, spec: RunSpec, report: Report, folder: Path) -> Outcome:
        began, plan, rows = time.perf_counter(), spec.plan, row_work.open_arrays(spec.data)
        x, y = rows.take(rows.train)
        report.say(f"{len(x)} examples are remembered.")
        path = folder / "model.npz"
        np.savez(path, x=x, y=y, number=plan["number"], by_nearness=plan["weighting"] == "near")
        report.epoch(1, {})
        seconds = time.perf_counter() - began
        result = measure(self.load(path).predict, rows, spec.data)
        return Outcome("finished", path, int(x.size), seconds, 1, result, result["scores"])

    def load(self, path: Path) -> Neighbourhood:
        with np.load(path) as kept:
            return Neighbourhood(kept["x"], kept["y"], int(kept["number"]), bool(kept["by_nearness"]))


class WaveView:
    """How the kind looks."""

    TABS, TARGET_TAB = ("Waves",), "Points"

    def show_preview(self, preview: UploadPreview) -> None:
        st.write("Waves of a file")

    def choices(self, preview: UploadPreview) -> dict[str, Any]:
        return {"target": "point", "task": "point"}

    def tab(self, title: str, viewer: Any, version: Any, data: DataSpec) -> None:
        st.write("Waves go up and down")

    def mistakes(self, viewer: Any, run: Any) -> None:
        return None

    def take_input(self, viewer: Any, data: DataSpec, dataset_version_id: int | None) -> Given:
        return Given((st.text_input("Your wave", " ".join(["0"] * LENGTH)),), ("This wave",))


class PointView:
    """How the task looks."""

    COLUMNS, OPACITY = ("Point",), 1.0

    def asks(self, data: DataSpec) -> str:
        return "a point"

    def caption(self, told: dict[str, Any], data: DataSpec) -> str:
        return " / ".join(f"{number:.2f}" for number in told["point"])

    def overlay(self, told: dict[str, Any], data: DataSpec) -> None:
        return None

    def legend(self, data: DataSpec) -> None:
        return None

    def groups(self, data: DataSpec) -> list[tuple[str, int]]:
        return []

    def target(self, data: DataSpec) -> None:
        st.write("Points lie here and there")

    def is_guessing(self, result: dict[str, Any]) -> bool:
        return False

    def result(self, viewer: Any, run: Any) -> None:
        st.write(f"It kept {len(run.result['examples'])} answers")

    def answer(self, told: dict[str, Any], data: DataSpec, given: Given, seen: bytes | None) -> None:
        st.write(f"The point is {self.caption(told, data)}")

    def cells(self, told: dict[str, Any], data: DataSpec) -> tuple[str]:
        return (self.caption(told, data),)

    def csv_head(self, data: DataSpec) -> tuple[str]:
        return ("point",)

    def csv_cells(self, told: dict[str, Any], data: DataSpec) -> tuple[str]:
        return (self.caption(told, data),)
