"""Two images through one network with shared weights; a Sequential model built by add, in the style of before Keras 3."""

from tensorflow import keras
from tensorflow.keras.layers import Activation, BatchNormalization, Conv2D, Dense, Flatten, Input, MaxPooling2D

base = keras.models.Sequential(name="tower")
base.add(Conv2D(8, (3, 3), padding="same", input_shape=(32, 32, 3)))
base.add(Activation("relu"))
base.add(BatchNormalization())
base.add(MaxPooling2D(pool_size=(2, 2)))
base.add(Flatten())
base.add(Dense(16, activation=keras.layers.LeakyReLU(0.2)))

left, right = (Input((32, 32, 3), name=name) for name in ("left", "right"))
distance = keras.layers.subtract([base(left), base(right)])
scaled = 2 * distance - 0.5
same = Dense(1, activation="sigmoid", name="same")(scaled)
model = keras.Model(inputs=[left, right], outputs=same)
