"""A transformer block for text, as a function of layers."""

import keras
from keras import layers

vocab_size, maxlen = 2000, 80
embed_dim = 32
num_heads = 2
ff_dim = 32


def transformer_block(x, rate=0.1):
    attention = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)(x, x)
    attention = layers.Dropout(rate)(attention)
    out1 = layers.LayerNormalization(epsilon=1e-6)(x + attention)
    ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)])
    return layers.LayerNormalization(epsilon=1e-6)(out1 + layers.Dropout(rate)(ffn(out1)))


inputs = layers.Input(shape=(maxlen,))
x = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)(inputs)
for _ in range(2):
    x = transformer_block(x)
x = layers.GlobalAveragePooling1D()(x)
x = layers.Dropout(0.1)(x)
x = layers.Dense(20, activation="relu")(x)
x = layers.Dropout(0.1)(x)
outputs = layers.Dense(2, activation="softmax")(x)

model = keras.Model(inputs=inputs, outputs=outputs)
