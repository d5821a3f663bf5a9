"""Kinds of mistakes with shapes and settings: each function draws a design with exactly one mistake that people make."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from mhub_core.graphs import edit
from mhub_core.graphs.walk import Graph
from tests.graphs.parts import (
    add,
    chain,
    conv,
    dense,
    fork,
    gather,
    head,
    hidden,
    line,
    photo,
    recurrent,
    signal,
    stages,
    table,
    text,
)  # fmt: skip

Kind = Callable[[Random], Graph]
KINDS: dict[str, Kind] = {}


def kind(function: Kind) -> Kind:
    """Enter a function into the table of kinds, under its own name."""
    KINDS[function.__name__] = function
    return function


@kind
def flatten_before_convolution(rng: Random) -> Graph:
    return line(photo(rng), stages(rng), [("Flatten", {}), conv(rng)], gather(rng), head(rng))


@kind
def dense_on_a_row_before_convolution(rng: Random) -> Graph:
    return line(photo(rng), stages(rng, 1), [("Flatten", {}), dense(64), conv(rng), ("Flatten", {})], head(rng))


@kind
def pooling_behind_global_pooling(rng: Random) -> Graph:
    return line(photo(rng), stages(rng), [("GlobalAveragePooling2D", {}), ("MaxPooling2D", {})], head(rng))


@kind
def convolution_on_a_table_row(rng: Random) -> Graph:
    return line(table(rng), [rng.choice((conv(rng), ("Conv1D", {"filters": 8, "kernel_size": 3})))], [("Flatten", {})], head(rng))


@kind
def convolution_1d_on_images(rng: Random) -> Graph:
    return line(photo(rng), [("Conv1D", {"filters": 16, "kernel_size": 3}), *stages(rng, 1)], gather(rng), head(rng))


@kind
def convolution_3d_on_images(rng: Random) -> Graph:
    return line(photo(rng), [("Conv3D", {"filters": 8, "kernel_size": 3})], [("Flatten", {})], head(rng))


@kind
def images_without_channels(rng: Random) -> Graph:
    size = rng.choice((28, 32, 48))
    return line([("InputLayer", {"shape": [size, size]})], stages(rng), gather(rng), head(rng))


@kind
def pooled_away(rng: Random) -> Graph:
    return line(photo(rng), stages(rng, 2), [("MaxPooling2D", {})] * 6, gather(rng), head(rng))


@kind
def kernel_larger_than_the_image(rng: Random) -> Graph:
    size = rng.choice((3, 5, 7))
    start = [("InputLayer", {"shape": [8, 8, 3]}), conv(rng), ("MaxPooling2D", {"pool_size": 4})]
    return line(start, [conv(rng, kernel_size=size, padding="valid")], gather(rng), head(rng))


@kind
def kernel_longer_than_the_sequence(rng: Random) -> Graph:
    long = ("Conv1D", {"filters": 16, "kernel_size": rng.choice((25, 60, 80))})
    return line([("InputLayer", {"shape": [20, 6]})], [long, ("GlobalMaxPooling1D", {})], head(rng))


@kind
def concatenate_of_different_sizes(rng: Random) -> Graph:
    right = rng.choice(([conv(rng, padding="valid")], [conv(rng, strides=2)], [conv(rng), ("MaxPooling2D", {})]))
    return fork(rng, [conv(rng)], right, ("Concatenate", {}), photo(rng))


@kind
def skip_of_odd_size(rng: Random) -> Graph:
    size = rng.choice((15, 25, 31))
    graph, trunk = chain([("InputLayer", {"shape": [size, size, 3]}), conv(rng, 8)])
    graph, low = chain([("MaxPooling2D", {}), conv(rng, 16), ("UpSampling2D", {})], graph, trunk)
    graph, merged = add(graph, "Concatenate", {}, trunk, low)
    return chain([("Conv2D", {"filters": 1, "kernel_size": 1, "activation": "sigmoid"})], graph, merged)[0]


@kind
def image_beside_a_row(rng: Random) -> Graph:
    graph, image = chain([*photo(rng), *stages(rng, 1)])
    graph, row = chain([*table(rng), *hidden(rng)], graph)
    graph, merged = add(graph, "Concatenate", {}, image, row)
    return chain([*hidden(rng), *head(rng)], graph, merged)[0]


@kind
def concatenate_axis_out_of_range(rng: Random) -> Graph:
    graph, trunk = chain([*table(rng), dense(32)])
    graph, other = chain(hidden(rng), graph, trunk)
    graph, merged = add(graph, "Concatenate", {"axis": rng.choice((2, 3))}, trunk, other)
    return chain(head(rng), graph, merged)[0]


@kind
def add_of_different_channels(rng: Random) -> Graph:
    left = [conv(rng, rng.choice((16, 32))), ("BatchNormalization", {}), conv(rng, rng.choice((48, 64)))]
    return fork(rng, left, [("Activation", {"activation": "relu"})], ("Add", {}), [*photo(rng), conv(rng, 8)])


@kind
def add_behind_a_stride(rng: Random) -> Graph:
    left = [conv(rng, 16, strides=rng.choice((2, 4))), ("BatchNormalization", {}), conv(rng, rng.choice((16, 32)))]
    return fork(rng, left, [("Activation", {"activation": "relu"})], ("Add", {}), [*photo(rng), conv(rng, 16)])


@kind
def add_of_different_widths(rng: Random) -> Graph:
    graph, trunk = chain([*table(rng), dense(64, activation="relu")])
    graph, deep = chain([dense(32, activation="relu"), dense(rng.choice((24, 48)))], graph, trunk)
    graph, merged = add(graph, rng.choice(("Add", "Average", "Maximum")), {}, deep, trunk)
    return chain(head(rng), graph, merged)[0]


@kind
def subtract_of_three(rng: Random) -> Graph:
    graph, trunk = chain([*table(rng), dense(32)])
    parts = [chain([dense(16)], graph, trunk)]
    for _ in range(2):
        parts.append(chain([dense(16)], parts[-1][0], trunk))
    graph, merged = add(parts[-1][0], "Subtract", {}, *(node_id for _, node_id in parts))
    return chain(head(rng), graph, merged)[0]


@kind
def dot_on_axes_that_differ(rng: Random) -> Graph:
    graph, first = chain([*table(rng), dense(32), ("Reshape", {"target_shape": [4, 8]})])
    graph, second = chain([*table(rng), dense(48), ("Reshape", {"target_shape": [6, 8]})], graph)
    graph, merged = add(graph, "Dot", {"axes": rng.choice((1, [1, 2], 3))}, first, second)
    return chain([("Flatten", {}), *head(rng)], graph, merged)[0]


@kind
def reshape_of_another_product(rng: Random) -> Graph:
    grown = [dense(rng.choice((100, 700, 785, 1000)), activation="relu"), ("Reshape", {"target_shape": [7, 7, 16]})]
    return line(table(rng), grown, [("Conv2DTranspose", {"filters": 8, "kernel_size": 3, "strides": 2, "padding": "same"})])


@kind
def reshape_of_images(rng: Random) -> Graph:
    return line(
        photo(rng), stages(rng, 1), [("Reshape", {"target_shape": [rng.choice((10, 17, 99)), 8]}), recurrent(rng)], head(rng)
    )


@kind
def recurrent_behind_flatten(rng: Random) -> Graph:
    return line(photo(rng), stages(rng), [("Flatten", {}), recurrent(rng)], head(rng))


@kind
def recurrent_on_a_row(rng: Random) -> Graph:
    return line(table(rng), hidden(rng), [recurrent(rng)], head(rng))


@kind
def recurrent_on_images(rng: Random) -> Graph:
    return line(photo(rng), stages(rng, 1), [recurrent(rng)], head(rng))


@kind
def bidirectional_on_images(rng: Random) -> Graph:
    inner = {"class": "LSTM", "config": {"units": 16}}
    return line(photo(rng), stages(rng, 1), [("Bidirectional", {"layer": inner})], head(rng))


@kind
def stacked_without_sequences(rng: Random) -> Graph:
    between = [("Dropout", {"rate": 0.2})] if rng.random() < 0.5 else []
    return line(rng.choice((text, signal))(rng), [recurrent(rng), *between, recurrent(rng)], head(rng))


@kind
def bidirectional_without_sequences(rng: Random) -> Graph:
    inner = {"class": "GRU", "config": {"units": 16}}
    return line(text(rng), [("Bidirectional", {"layer": inner}), recurrent(rng)], head(rng))


@kind
def pooling_behind_the_last_state(rng: Random) -> Graph:
    return line(
        text(rng), [recurrent(rng), (rng.choice(("GlobalMaxPooling1D", "MaxPooling1D")), {})], [("Flatten", {})], head(rng)
    )


@kind
def words_without_embedding(rng: Random) -> Graph:
    return line([("InputLayer", {"shape": [rng.choice((40, 80))], "dtype": "int32"})], [recurrent(rng)], head(rng))


@kind
def embedded_twice(rng: Random) -> Graph:
    return line(text(rng), [("Embedding", {"input_dim": 100, "output_dim": 8}), recurrent(rng)], head(rng))


@kind
def attention_without_value(rng: Random) -> Graph:
    graph = line(signal(rng), [("Dense", {"units": 16}), ("LayerNormalization", {})])
    graph, node_id = edit.add_node(graph, "MultiHeadAttention", config={"num_heads": 2, "key_dim": 8})
    graph = edit.connect(graph, "n3", node_id, "query")
    return chain([("GlobalAveragePooling1D", {}), *head(rng)], graph, node_id)[0]


@kind
def attention_on_rows(rng: Random) -> Graph:
    graph = line(table(rng), hidden(rng))
    last = graph["nodes"][-1]["id"]
    graph, node_id = edit.add_node(graph, "MultiHeadAttention", config={"num_heads": 2, "key_dim": 8})
    graph = edit.connect(edit.connect(graph, last, node_id, "query"), last, node_id, "value")
    return chain([("Flatten", {}), *head(rng)], graph, node_id)[0]


@kind
def repeat_of_a_sequence(rng: Random) -> Graph:
    first = recurrent(rng, return_sequences=True)
    return line(signal(rng), [first, ("RepeatVector", {"n": 10}), recurrent(rng, return_sequences=True), dense(3)])


@kind
def time_distributed_on_rows(rng: Random) -> Graph:
    inner = {"class": "Dense", "config": {"units": 8}}
    before = rng.choice(([*table(rng), *hidden(rng)], [*signal(rng), recurrent(rng)]))
    return line(before, [("TimeDistributed", {"layer": inner}), ("Flatten", {})], head(rng))


@kind
def enlarging_a_row(rng: Random) -> Graph:
    return line([("InputLayer", {"shape": [32]}), dense(rng.choice((49, 64, 196))), ("UpSampling2D", {}), conv(rng)])


@kind
def image_layer_on_a_row(rng: Random) -> Graph:
    layers = (("ZeroPadding2D", {}), ("Resizing", {"height": 16, "width": 16}), ("CenterCrop", {"height": 4, "width": 4}))
    layers += (("SpatialDropout2D", {"rate": 0.2}), ("RandomFlip", {}))
    return line(table(rng), [rng.choice(layers), *hidden(rng)], head(rng))


@kind
def global_pooling_on_a_row(rng: Random) -> Graph:
    return line(table(rng), hidden(rng), [(rng.choice(("GlobalAveragePooling2D", "GlobalMaxPooling1D")), {})], head(rng))


@kind
def cropped_away(rng: Random) -> Graph:
    return line(photo(rng), stages(rng), [("Cropping2D", {"cropping": rng.choice((9, 20))})], gather(rng), head(rng))


@kind
def convolution_in_time_on_images(rng: Random) -> Graph:
    return line(photo(rng), [("ConvLSTM2D", {"filters": 8, "kernel_size": 3})], gather(rng), head(rng))


@kind
def normalising_an_axis_that_is_not_there(rng: Random) -> Graph:
    layer = rng.choice(("BatchNormalization", "LayerNormalization"))
    return line(table(rng), hidden(rng), [(layer, {"axis": rng.choice((2, 3))})], head(rng))


@kind
def softmax_over_an_axis_that_is_not_there(rng: Random) -> Graph:
    return line(table(rng), hidden(rng), [dense(5), ("Softmax", {"axis": rng.choice((2, 3, 4))})])


@kind
def permute_of_other_dimensions(rng: Random) -> Graph:
    dims = rng.choice(([1, 2, 3], [3, 1, 2], [2, 1, 4, 3]))
    return line(signal(rng), [("Permute", {"dims": dims}), recurrent(rng)], head(rng))


@kind
def groups_that_do_not_divide(rng: Random) -> Graph:
    filters, groups = rng.choice(((16, 4), (24, 8), (30, 4), (20, 8)))
    grouped = ("Conv2D", {"filters": filters, "kernel_size": 3, "groups": groups})
    return line([("InputLayer", {"shape": [32, 32, 3]})], rng.choice(([], [conv(rng, 6)])), [grouped], gather(rng), head(rng))


@kind
def norm_groups_that_do_not_divide(rng: Random) -> Graph:
    return line(
        photo(rng),
        [conv(rng, rng.choice((12, 20))), ("GroupNormalization", {"groups": rng.choice((8, 32))})],
        gather(rng),
        head(rng),
    )


@kind
def stride_with_dilation(rng: Random) -> Graph:
    return line(
        photo(rng), [("Conv2D", {"filters": 8, "kernel_size": 3, "strides": 2, "dilation_rate": 2})], gather(rng), head(rng)
    )


@kind
def equation_of_other_dimensions(rng: Random) -> Graph:
    layer = ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 16]})
    return line(table(rng), hidden(rng), [layer], head(rng))


@kind
def too_many_weights(rng: Random) -> Graph:
    start = [("InputLayer", {"shape": [256, 256, 3]}), conv(rng, 64)]
    return line(start, [("Flatten", {}), dense(rng.choice((128, 512)), activation="relu")], head(rng))


@kind
def too_many_units(rng: Random) -> Graph:
    return line(table(rng), [dense(rng.choice((5_000_000, 40_000_000))), *hidden(rng)], head(rng))
