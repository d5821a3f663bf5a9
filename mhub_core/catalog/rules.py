"""What Keras does not say about itself in a form that a program can read: every rule written by hand, with its reason.

A key of the two-part tables is (class, argument); "*" stands for every class.
"""

from __future__ import annotations

from typing import Any

# The shelves of the palette, in this order. The key is a table of words/layers.toml.
FAMILIES: dict[str, tuple[str, str]] = {
    "core": ("Core", "The basic blocks: inputs, fully connected layers, embeddings."),
    "convolutional": ("Convolution", "Slide small filters over images, signals or volumes to find local patterns."),
    "pooling": ("Pooling", "Shrink an image or sequence by keeping the mean or the maximum of each region."),
    "activations": ("Activation", "Nonlinear functions, which let the network learn more than straight lines."),
    "normalization": ("Normalization", "Keep the numbers in a range in which training works well."),
    "regularization": ("Regularization", "Noise and penalties during training, so that the network memorizes less."),
    "reshaping": ("Reshaping", "Change the shape of the data, not its numbers: flatten, crop, pad, enlarge."),
    "merging": ("Merging", "Bring several branches together: add, multiply, concatenate."),
    "rnn": ("Recurrent", "Read a sequence step by step and remember what came before."),
    "attention": ("Attention", "Let every position look at all others and use what matters."),
    "augmentation": ("Image augmentation", "Vary images at random during training, which acts like more data."),
    "preprocessing": ("Preprocessing", "Turn raw values, words, sounds or images into what a network can read."),
}
FOREIGN = "It runs code or opens files from outside the diagram, which a shared hub does not do."
BASE = "It is a base class for programmers and does nothing by itself."
FILES = "It writes files or talks to the network; the hub keeps checkpoints, curves and logs itself."
MACHINERY = "It is part of the machinery of training, which the hub sets up itself."
# Classes that are shown without a form, and why.
NO_FORM: dict[str, str] = {
    **dict.fromkeys(["Lambda", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"], FOREIGN),
    **dict.fromkeys(["LambdaCallback", "LearningRateScheduler", "MeanMetricWrapper", "MultiOptimizer"], FOREIGN),
    **dict.fromkeys(["Layer", "Wrapper", "Optimizer", "Loss", "Metric", "Initializer", "Regularizer"], BASE),
    **dict.fromkeys(["Constraint", "Callback", "LearningRateSchedule"], BASE),
    **dict.fromkeys(["BackupAndRestore", "CSVLogger", "ModelCheckpoint", "OrbaxCheckpoint", "RemoteMonitor"], FILES),
    "TensorBoard": FILES,
    **dict.fromkeys(["CallbackList", "History", "ProgbarLogger", "LossScaleOptimizer"], MACHINERY),
}
# Arguments that no form offers, and why.
HIDDEN: dict[tuple[str, str], str] = {
    ("*", "name"): "The name belongs to the node, not to the form.",
    ("*", "quantization_config"): "Set when a trained model is made smaller, not when it is drawn.",
    ("*", "gptq_unpacked_column_size"): "Set by Keras when it loads a quantised model.",
    ("InputLayer", "batch_shape"): "The same as shape and batch_size, which have their own fields.",
    ("InputLayer", "input_tensor"): "A tensor of the running program.",
    ("Bidirectional", "weights"): "Arrays of numbers come with a trained model, not with a drawing.",
    ("Embedding", "weights"): "Arrays of numbers come with a trained model, not with a drawing.",
    ("*", "idf_weights"): "Arrays of numbers that Keras learns from the data.",
    ("*", "encoding"): "The hub stores all text as UTF-8.",
    ("BatchNormalization", "renorm_clipping"): "A dictionary that only a few papers ever needed.",
    ("*", "loss_scale_factor"): "The hub scales the loss itself when it trains in 16 bits.",
    ("Muon", "exclude_layers"): "Takes patterns that run as regular expressions.",
    ("StringLookup", "trainable"): "It has no weights, and Keras forgets the setting.",
    ("IntegerLookup", "trainable"): "It has no weights, and Keras forgets the setting.",
    ("StringLookup", "dtype"): "Keras sets it by the output mode and forgets the setting.",
    ("IntegerLookup", "dtype"): "Keras sets it by the output mode and forgets the setting.",
    ("HashedCrossing", "trainable"): "It has no weights, and Keras forgets the setting.",
    ("InputLayer", "trainable"): "It has no weights, and Keras forgets the setting.",
    ("SimpleRNN", "activity_regularizer"): "Keras 3.15 takes it and forgets it.",
    ("Resizing", "fill_mode"): "Keras takes only one value, constant.",
    ("IntegerLookup", "vocabulary_dtype"): "Keras takes only one value, int64.",
    ("AUC", "label_weights"): "An array that depends on the data.",
}
CHANNELS = {"type": "enum", "choices": ["channels_last", "channels_first"], "nullable": True}
SHARE = {"type": "float", "minimum": 0, "maximum": 1}
SHARES = {"type": "numbers", "minimum": 0, "maximum": 1}
RANGE = {"type": "range", "nullable": False}
WINDOW = {"type": "enum", "choices": ["hann", "hamming"]}
# Which layers fit inside another one.
CELLS = ["LSTMCell", "GRUCell", "SimpleRNNCell"]
RECURRENT = ["LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]
WITH_KERNEL = [
    "Dense", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv1D", "DepthwiseConv2D",
    "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Embedding", "EinsumDense",
]  # fmt: skip
# Types and choices where neither the default nor the docstring says enough, or where they mislead.
ARGUMENTS: dict[tuple[str, str], dict[str, Any]] = {
    ("*", "data_format"): CHANNELS,
    ("*", "value_range"): RANGE,
    **{(name, "factor"): SHARE for name in ("RandomGrayscale", "ReduceLROnPlateau")},
    **{(name, "factor"): SHARES for name in ("CutMix", "RandomElasticTransform", "RandomErasing")},
    **{(name, "factor"): SHARES for name in ("RandomGaussianBlur", "RandomInvert", "RandomPerspective")},
    ("RandomElasticTransform", "scale"): SHARES,
    ("RandomErasing", "scale"): SHARES,
    ("RandomGaussianBlur", "sigma"): SHARES,
    ("RandomPerspective", "scale"): SHARE,
    ("CategoricalGeneralizedCrossEntropy", "q"): SHARE,
    ("Ftrl", "learning_rate_power"): {"type": "float", "maximum": 0},
    ("*", "vocabulary"): {"type": "strings"},  # A string here would be a path to a file on the server.
    ("IntegerLookup", "vocabulary"): {"type": "int_list"},  # The same, for whole numbers.
    # Of one number Keras makes a range that it refuses when it reads it back.
    **{("RandomShear", name): RANGE | {"minimum": 0, "maximum": 1} for name in ("x_factor", "y_factor")},
    ("*", "pool_size"): {"type": "ints"},  # "factors by which to downscale" hides the type.
    # Keras takes one number and writes a list into its files.
    **{("*", name): {"type": "ints"} for name in ("strides", "output_size")},
    ("RandomGaussianBlur", "kernel_size"): {"type": "ints", "maximum": 255},  # It makes the kernel at once.
    ("RandomPosterization", "factor"): {"type": "ints", "minimum": 1, "maximum": 8},
    **{(name, "factor"): SHARES for name in ("AugMix", "RandAugment")},
    ("*", "min_delta"): {"type": "float"},  # The default 0 looks like a whole number.
    ("MaxNorm", "max_value"): {"type": "float"},  # The same, default 2.
    ("*", "fill_value"): {"type": "float"},
    ("MaxNumBoundingBoxes", "fill_value"): {"type": "int"},
    ("*", "clipnorm"): {"type": "float", "nullable": True},  # Muon documents it with a template.
    ("*", "clipvalue"): {"type": "float", "nullable": True},
    ("*", "global_clipnorm"): {"type": "float", "nullable": True},
    ("*", "weight_decay"): {"type": "float", "nullable": True},
    ("*", "ema_overwrite_frequency"): {"type": "int", "nullable": True, "minimum": 1},
    ("*", "gradient_accumulation_steps"): {"type": "int", "nullable": True, "minimum": 2},
    ("*", "learning_rate"): {"type": "schedule"},  # A number, or a schedule with its own form.
    ("*", "cell"): {"type": "layer", "choices": [*CELLS, "StackedRNNCells"]},
    ("*", "cells"): {"type": "layers", "choices": CELLS},
    ("*", "layers"): {"type": "layers"},
    ("Bidirectional", "layer"): {"type": "layer", "choices": RECURRENT},
    ("Bidirectional", "backward_layer"): {"type": "layer", "choices": RECURRENT, "nullable": True},
    ("SpectralNormalization", "layer"): {"type": "layer", "choices": WITH_KERNEL},
    ("TimeDistributed", "layer"): {"type": "layer"},
    ("*", "shape"): {"type": "shape"},
    ("*", "target_shape"): {"type": "shape"},
    ("*", "noise_shape"): {"type": "shape", "nullable": True},
    ("*", "output_shape"): {"type": "shape"},
    ("*", "attention_axes"): {"type": "ints", "nullable": True},
    ("*", "shared_axes"): {"type": "ints", "nullable": True},
    ("*", "output_padding"): {"type": "ints", "nullable": True, "minimum": 0},
    ("Tversky", "axis"): {"type": "ints", "nullable": True},
    **{(name, "axis"): {"type": "ints"} for name in ("MaxNorm", "MinMaxNorm", "UnitNorm")},
    ("GroupNormalization", "axis"): {"type": "int"},  # Keras takes a list and then fails on it.
    ("Normalization", "axis"): {"type": "ints", "nullable": True},
    ("RMSNormalization", "axis"): {"type": "ints"},  # One by its docstring; Keras takes several, and writes a list.
    ("Normalization", "mean"): {"type": "numbers", "nullable": True},
    ("Normalization", "variance"): {"type": "numbers", "nullable": True, "minimum": 0},
    ("Rescaling", "scale"): {"type": "numbers"},
    ("Rescaling", "offset"): {"type": "numbers"},
    ("Discretization", "bin_boundaries"): {"type": "number_list", "nullable": True},
    ("*", "salt"): {"type": "ints", "nullable": True, "minimum": 0},
    ("Hashing", "mask_value"): {"type": "string", "nullable": True},
    ("StringLookup", "mask_token"): {"type": "string", "nullable": True},
    ("TextVectorization", "ngrams"): {"type": "ints", "nullable": True, "minimum": 1, "maximum": 20},
    ("*", "max_tokens"): {"type": "int", "nullable": True, "minimum": 1},
    ("TextVectorization", "output_sequence_length"): {"type": "int", "nullable": True, "minimum": 1},
    ("CategoryEncoding", "num_tokens"): {"type": "int", "nullable": True, "minimum": 1},
    ("InputLayer", "batch_size"): {"type": "int", "nullable": True, "minimum": 1},
    ("InputLayer", "sparse"): {"type": "bool"},
    ("InputLayer", "ragged"): {"type": "bool"},
    ("*", "value_dim"): {"type": "int", "nullable": True, "minimum": 1},
    ("*", "logit_soft_cap"): {"type": "float", "nullable": True},
    ("*", "lora_alpha"): {"type": "int", "nullable": True, "minimum": 1},
    ("*", "flash_attention"): {"type": "bool", "nullable": True},
    ("*", "use_cudnn"): {"type": "switch"},
    ("*", "rate"): {"type": "float", "minimum": 0, "maximum": 1},
    ("F1Score", "average"): {"type": "enum", "choices": ["micro", "macro", "weighted"], "nullable": True},
    ("FBetaScore", "average"): {"type": "enum", "choices": ["micro", "macro", "weighted"], "nullable": True},
    ("*", "threshold"): {"type": "float"},
    ("*", "decay_steps"): {"type": "int"},  # "How often to apply decay."
    ("*", "ignore_class"): {"type": "int", "nullable": True},
    ("CategoricalFocalCrossentropy", "alpha"): {"type": "numbers"},
    ("AUC", "thresholds"): {"type": "number_list", "nullable": True},
    ("*", "target_class_ids"): {"type": "int_list"},
    ("PiecewiseConstantDecay", "boundaries"): {"type": "int_list"},
    ("PiecewiseConstantDecay", "values"): {"type": "number_list"},
    ("*", "baseline"): {"type": "float", "nullable": True},
    ("*", "standardize"): {
        "type": "enum",
        "choices": ["lower_and_strip_punctuation", "lower", "strip_punctuation"],
        "nullable": True,
    },
    ("*", "split"): {"type": "enum", "choices": ["whitespace", "character"], "nullable": True},
    # What Keras also takes, and does not say: none.
    ("Bidirectional", "merge_mode"): {"type": "enum", "choices": ["concat", "sum", "mul", "ave"], "nullable": True},
    ("*", "scaling"): {"type": "enum", "choices": ["density", "spectrum"], "nullable": True},
    ("STFTSpectrogram", "window"): WINDOW | {"nullable": True},
    ("STFT", "window"): WINDOW | {"nullable": True},
    ("R2Score", "class_aggregation"): {"type": "enum", "nullable": True},
    ("Muon", "rms_rate"): {"type": "float", "nullable": True, "minimum": 0},
    # Bounds that hold only for these.
    **{(name, "factor"): SHARES for name in ("RandomSaturation", "RandomSharpness", "RandomHue", "RandomContrast")},
    ("RandomColorDegeneration", "factor"): SHARES,
    ("RandomBrightness", "factor"): {"type": "numbers", "minimum": -1, "maximum": 1},
    ("RandomRotation", "factor"): {"type": "numbers", "minimum": -1, "maximum": 1},
    ("GroupNormalization", "groups"): {"type": "int", "minimum": -1},
    ("MixUp", "alpha"): SHARE,
    **{(name, "alpha"): SHARE for name in ("CosineDecay", "CosineDecayRestarts", "BinaryFocalCrossentropy")},
    ("BinaryAccuracy", "threshold"): SHARE,
    ("AUC", "curve"): {"type": "enum", "choices": ["ROC", "PR"]},
    ("RandAugment", "interpolation"): {"type": "enum", "choices": ["bilinear", "nearest"]},
    ("*", "tile_grid_size"): {"type": "ints"},
}
# Bounds that hold wherever an argument has this name: (smallest, largest).
BOUNDS: dict[str, tuple[float | None, float | None]] = {
    **dict.fromkeys(
        ["units", "filters", "kernel_size", "strides", "pool_size", "dilation_rate", "depth_multiplier", "groups",
         "num_heads", "key_dim", "head_dim", "num_query_heads", "num_key_value_heads", "input_dim", "output_dim", "n",
         "num_bins", "size", "height", "width", "max_number", "frame_step", "sampling_rate", "sliding_window", "top_k",
         "num_labels", "sequence_stride", "decay_steps", "first_decay_steps", "k", "lora_rank"],
        (1, None),
    ),
    # Keras makes loops or tables of these sizes before anybody counts parameters.
    **dict.fromkeys(["power_iterations", "num_ops", "num_chains", "chain_depth"], (1, 50)),
    **dict.fromkeys(["num_mel_bins", "output_size", "num_thresholds", "num_classes", "tile_grid_size"], (1, 4096)),
    **dict.fromkeys(["frame_length", "fft_length", "sequence_length", "bins"], (1, 65536)),
    **dict.fromkeys(["dropout", "recurrent_dropout", "momentum", "renorm_momentum", "label_smoothing"], (0, 1)),
    **dict.fromkeys(["beta_1", "beta_2", "recall", "precision", "sensitivity", "specificity", "ema_momentum"], (0, 1)),
    **dict.fromkeys(["epsilon", "patience", "cooldown", "learning_rate", "l1", "l2", "stddev"], (0, None)),
    **dict.fromkeys(["seed", "negative_slope", "cropping", "padding", "num_oov_indices", "weight_decay"], (0, None)),
    **dict.fromkeys(["clipnorm", "clipvalue", "global_clipnorm", "warmup_steps", "warmup_target"], (0, None)),
    **dict.fromkeys(["initial_learning_rate", "end_learning_rate", "min_lr", "adam_lr_ratio"], (0, None)),
    **dict.fromkeys(["l1_regularization_strength", "l2_regularization_strength"], (0, None)),
    **dict.fromkeys(["l2_shrinkage_regularization_strength", "initial_accumulator_value"], (0, None)),
    **dict.fromkeys(["epsilon_1", "epsilon_2", "clip_threshold", "adam_weight_decay", "min_value"], (0, None)),
    **dict.fromkeys(["start_from_epoch", "num_regressors", "class_id", "clip_limit", "lora_alpha"], (0, None)),
    **dict.fromkeys(["min_freq", "max_freq", "min_power", "ref_power", "top_db", "delta", "gamma"], (0, None)),
    **dict.fromkeys(["addition_factor", "threshold_factor", "rho", "margin"], (0, 1)),
    **dict.fromkeys(["contrast_factor", "saturation_factor", "hue_factor", "thresholds"], (0, 1)),
    **dict.fromkeys(["adam_beta_1", "adam_beta_2", "verbose"], (0, 1)),
    "brightness_factor": (-1, 1),
    "ns_steps": (1, 50),
}  # fmt: skip
CELL = {"class": "LSTMCell", "config": {"units": 32}}
# A good first value for each required argument and a few others, so that a layer works when it is dropped.
SUGGESTIONS: dict[tuple[str, str], Any] = {
    ("*", "units"): 64,
    ("*", "filters"): 32,
    ("*", "kernel_size"): 3,
    ("*", "rate"): 0.5,
    ("*", "stddev"): 0.1,
    ("*", "pool_size"): 2,
    ("*", "output_size"): 4,
    ("*", "input_dim"): 1000,
    ("*", "output_dim"): 64,
    ("*", "num_heads"): 4,
    ("*", "key_dim"): 32,
    ("*", "head_dim"): 32,
    ("*", "num_query_heads"): 4,
    ("*", "num_key_value_heads"): 2,
    ("*", "target_shape"): [-1],
    ("*", "dims"): [2, 1],
    ("*", "axes"): 1,
    ("*", "n"): 4,
    ("*", "height"): 32,
    ("*", "width"): 32,
    ("*", "scale"): 0.00392156862745098,
    ("*", "factor"): 0.2,
    ("RandomPosterization", "factor"): 4,
    # One number would make colours only paler or inverted, images only blurred, contrast only stronger.
    ("RandomSaturation", "factor"): [0.4, 0.6],
    ("RandomSharpness", "factor"): [0.3, 0.7],
    ("RandomContrast", "factor"): [0.2, 0.2],
    ("RandomColorDegeneration", "factor"): [0.0, 0.3],
    ("*", "height_factor"): 0.1,
    ("*", "width_factor"): 0.1,
    ("*", "num_bins"): 16,
    ("*", "max_number"): 100,
    ("*", "activation"): "relu",
    ("*", "equation"): "ab,bc->ac",
    ("EinsumDense", "output_shape"): [64],
    ("CategoryEncoding", "num_tokens"): 10,
    ("Discretization", "num_bins"): 10,
    ("InputLayer", "shape"): [28, 28, 1],
    ("RNN", "cell"): CELL,
    ("StackedRNNCells", "cells"): [CELL, CELL],
    ("Bidirectional", "layer"): {"class": "LSTM", "config": {"units": 32}},
    ("TimeDistributed", "layer"): {"class": "Dense", "config": {"units": 32}},
    ("SpectralNormalization", "layer"): {"class": "Dense", "config": {"units": 32}},
    ("Pipeline", "layers"): [{"class": "RandomFlip", "config": {}}],
    ("*", "decay_steps"): 1000,
    ("*", "first_decay_steps"): 1000,
    ("*", "initial_learning_rate"): 0.001,
    ("*", "decay_rate"): 0.9,
    ("*", "boundaries"): [1000, 2000],
    ("*", "values"): [0.01, 0.001, 0.0001],
    ("*", "num_classes"): 10,
    ("*", "target_class_ids"): [0],
    ("*", "recall"): 0.5,
    ("*", "precision"): 0.5,
    ("*", "sensitivity"): 0.5,
    ("*", "specificity"): 0.5,
}
# Layers that need not be told an argument by Keras but do by people: without it they cannot be built.
REQUIRED: set[tuple[str, str]] = {("InputLayer", "shape"), ("CategoryEncoding", "num_tokens")}
# How layers stand in a graph where the family does not say it: role, ports, fewest inputs.
ROLES: dict[str, tuple[str, tuple[str, ...], int]] = {
    "InputLayer": ("input", (), 0),
    "MultiHeadAttention": ("ports", ("query", "value", "key"), 2),
    "GroupQueryAttention": ("ports", ("query", "value", "key"), 2),
    "Attention": ("ports", ("query", "value", "key"), 2),
    "AdditiveAttention": ("ports", ("query", "value", "key"), 2),
    "HashedCrossing": ("merge", (), 2),
    **dict.fromkeys(["GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"], ("part", (), 0)),
}
# Arguments that Keras takes only together with others; the form's help says so, and the probe sets them together.
# Some name a value for the argument itself, where not every value will do.
COMPANIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("*", "output_padding"): {"strides": 2},  # It must be smaller than the strides.
    ("*", "pad_to_max_tokens"): {"output_mode": "multi_hot", "max_tokens": 10},
    ("*", "sparse"): {"output_mode": "one_hot"},  # Whole numbers cannot be sparse.
    ("InputLayer", "sparse"): {},
    ("TextVectorization", "sparse"): {"output_mode": "count"},
    ("Hashing", "dtype"): {"output_mode": "one_hot"},  # The mode "int" needs a whole-number format.
    ("IntegerLookup", "salt"): {"oov_method": "farmhash"},
    ("Normalization", "mean"): {"variance": 2.0},
    ("Normalization", "variance"): {"mean": 2.0},
    ("Discretization", "bin_boundaries"): {"num_bins": None},  # One or the other.
    ("RandomGaussianBlur", "kernel_size"): {"kernel_size": 5},  # Odd only.
    ("GroupNormalization", "groups"): {"groups": 4},  # Not 0.
    ("RandomErasing", "scale"): {"scale": [0.1, 0.2]},
    ("STFTSpectrogram", "fft_length"): {"fft_length": 512},  # Not less than frame_length.
    ("AUC", "num_labels"): {"multi_label": True},
    ("BinaryIoU", "target_class_ids"): {"target_class_ids": [0]},  # There are only 0 and 1.
}
