"""A vision transformer whose patches come from a layer written in Python. The hub runs no such layer."""

import keras
from keras import layers, ops


class Patches(layers.Layer):
    def __init__(self, patch_size):
        super().__init__()
        self.patch_size = patch_size

    def call(self, images):
        patches = keras.ops.image.extract_patches(images, size=self.patch_size)
        batch, height, width, channels = ops.shape(patches)
        return ops.reshape(patches, (batch, height * width, channels))


inputs = keras.Input(shape=(32, 32, 3))
patches = Patches(4)(inputs)
x = layers.Dense(64)(patches)
x = layers.GlobalAveragePooling1D()(x)
model = keras.Model(inputs=inputs, outputs=layers.Dense(10)(x))
