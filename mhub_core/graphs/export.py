"""Code out: a design as a Python script, as a notebook, as the JSON that Keras reads. Standard library only."""

from mhub_core.graphs.exporting.keras_json import to_keras_json
from mhub_core.graphs.exporting.notebook import to_notebook
from mhub_core.graphs.exporting.python import to_python

__all__ = ["to_keras_json", "to_notebook", "to_python"]
