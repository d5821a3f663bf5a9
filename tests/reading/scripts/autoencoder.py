"""A convolutional autoencoder, with its encoder as a model of its own that shares the layers."""

import tensorflow as tf
from tensorflow.keras import layers
from tensorflow.keras.models import Model

input_img = layers.Input(shape=(28, 28, 1), name="image")
skips = []
x = input_img
for i, filters in enumerate([32, 16]):
    x = layers.Conv2D(filters, (3, 3), activation=tf.nn.relu, padding="same", name=f"encode_{i}")(x)
    x = layers.MaxPool2D((2, 2), padding="same")(x)
    skips.append(x)
encoder = Model(input_img, x, name="encoder")

for i, filters in reversed(list(enumerate([32, 16]))):
    x = layers.Conv2DTranspose(filters, 3, strides=2, activation="relu", padding="same", name="decode_%d" % i)(x)  # noqa: UP031
x = layers.Conv2D(1, 3, activation="sigmoid", padding="same")(x)

autoencoder = Model(input_img, x)
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
model = autoencoder
