"""Structured data: one input for each column, wide and deep, from a dictionary."""

import math

import keras
from keras import layers, regularizers

NUMERIC = ["age", "hours"]
CATEGORIES = {"job": 15, "country": 42}
hidden_units = [32, 16]


def create_inputs():
    inputs = {}
    for name in NUMERIC:
        inputs[name] = layers.Input(name=name, shape=(1,), dtype="float32")
    for name, size in CATEGORIES.items():
        inputs[name] = layers.Input(name=name, shape=(1,), dtype="int64")
    return inputs


def encode(inputs, part):
    encoded = []
    for name in inputs:
        if name in CATEGORIES:
            size = CATEGORIES[name]
            dims = int(math.sqrt(size))
            embedding = layers.Embedding(input_dim=size, output_dim=dims, name=f"{part}_{name}")
            encoded.append(layers.Flatten()(embedding(inputs[name])))
        else:
            encoded.append(inputs[name])
    return layers.concatenate(encoded)


inputs = create_inputs()
wide = layers.BatchNormalization()(encode(inputs, "wide"))
deep = encode({key: inputs[key] for key in inputs}, "deep")
for units in hidden_units:
    deep = layers.Dense(units, kernel_regularizer=regularizers.l2(1e-4), kernel_initializer="he_normal")(deep)
    deep = layers.ReLU()(layers.BatchNormalization()(deep))
    deep = layers.Dropout(0.2)(deep)
merged = layers.concatenate([wide, deep])
outputs = layers.Dense(units=2, activation="softmax")(merged)
model = keras.Model(inputs=inputs, outputs=outputs)
