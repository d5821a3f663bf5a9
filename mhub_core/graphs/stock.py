"""Well-known architectures to start from, each explained. Input and output sizes are defaults: training fits them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mhub_core.errors import NotFound
from mhub_core.graphs import layout
from mhub_core.graphs.architectures import deep_images, images, sequences, tables
from mhub_core.graphs.walk import Graph

_FED_BY = {"series": ("series", "table", "images")}


@dataclass(frozen=True)
class Stock:
    """One architecture: what it is called, what a newcomer should know, what it fits, and how it is drawn.

    `kind` is the kind of data it is made for; `task` is a task of the hub, or one that it does not train by
    itself so far, such as "reconstruction" (the image drawn anew).
    `weights` is the number of numbers it learns or keeps, at the sizes it is drawn with.
    """

    name: str
    title: str
    help: str
    paper: str
    kind: str
    task: str
    weights: int
    draw: Callable[[], Graph]

    def graph(self) -> Graph:
        """Return a fresh design, laid out."""
        return layout.arrange(self.draw())

    @property
    def fed_by(self) -> tuple[str, ...]:
        """The kinds of data that it can learn from; a table or an image can be read as a series."""
        return _FED_BY.get(self.kind, (self.kind,))


def list_stock(kind: str | None = None, task: str | None = None) -> list[Stock]:
    """Return the architectures, or those made for a kind of data and a task."""
    return [item for item in STOCK if kind in (None, item.kind) and task in (None, item.task)]


def require_stock(name: str) -> Stock:
    """Return one architecture. Raises NotFound."""
    for item in STOCK:
        if item.name == name:
            return item
    raise NotFound("There is no such stock model.", mend="Choose one from the list.")


STOCK: tuple[Stock, ...] = (
    Stock(
        "dense_classifier",
        "Dense classifier",
        "Two layers in which every unit sees all numbers of a row, then one probability per class. The first "
        "thing to try on a table: it trains in seconds and is hard to beat on small data. Dropout keeps it from memorizing rows.",
        "Rumelhart, Hinton and Williams 1986. Learning Representations by Back-Propagating Errors",
        "table", "classification", 3_498, tables.dense_classifier,
    ),
    Stock(
        "dense_regressor",
        "Dense regressor",
        "Predicts a number, such as a price: two layers in which every unit sees all numbers of a row, and one output "
        "without an activation, so that it can be any number.",
        "Rumelhart, Hinton and Williams 1986. Learning Representations by Back-Propagating Errors",
        "table", "regression", 5_313, tables.dense_regressor,
    ),
    Stock(
        "softmax_regression",
        "Softmax regression",
        "One layer only: every class is a weighted sum of the inputs. Not deep at all, and therefore the honest "
        "baseline: a deeper network that does not beat it is not worth its parameters.",
        "Cox 1958. The Regression Analysis of Binary Sequences",
        "table", "classification", 170, tables.softmax_regression,
    ),
    Stock(
        "linear_regression",
        "Linear regression",
        "A straight line through the data, trained as a network of one unit. Use it as the baseline for "
        "regressors: what it cannot predict is what the layers of a deeper network are for.",
        "Galton 1886. Regression Towards Mediocrity in Hereditary Stature",
        "table", "regression", 17, tables.linear_regression,
    ),
    Stock(
        "wide_and_deep",
        "Wide and deep (two inputs)",
        "The wide input goes straight to the output and learns simple rules, the deep one goes through dense layers "
        "and learns combinations. A first example of a model with two inputs. In your own code you choose which "
        "columns go where; trained on this hub, both inputs receive all columns.",
        "Cheng et al. 2016. Wide & Deep Learning for Recommender Systems",
        "table", "classification", 3_658, tables.wide_and_deep,
    ),
    Stock(
        "small_cnn",
        "Small CNN",
        "Two rounds of convolution and pooling, then a dense layer. Convolutions look for the same small pattern "
        "everywhere, so the network needs few parameters and little data. The usual start for small images such as "
        "digits.",
        "Fukushima 1980. Neocognitron: A Self-Organizing Neural Network Model",
        "images", "classification", 34_826, images.small_cnn,
    ),
    Stock(
        "lenet5",
        "LeNet-5",
        "The network that read handwritten cheques in the 1990s: two convolutions, average pooling and three dense "
        "layers. Small, fast, and still above 98% on digits: a good one to study.",
        "LeCun, Bottou, Bengio and Haffner 1998. Gradient-Based Learning Applied to Document Recognition",
        "images", "classification", 61_706, images.lenet5,
    ),
    Stock(
        "vgg_small",
        "VGG, small",
        "Pairs of 3 × 3 convolutions, doubled in number each time the image is halved: the plain recipe of VGG at a "
        "size for small color images. Use it when a small CNN learns too little and you do not want branches yet.",
        "Simonyan and Zisserman 2015. Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "images", "classification", 550_570, images.vgg_small,
    ),
    Stock(
        "resnet20",
        "ResNet-20",
        "Each block adds what it computed to what came in, so that even deep networks train well; batch "
        "normalization keeps the numbers in range. The idea behind most vision networks since. Use it for small "
        "color images when you have a few thousand of them; it needs more epochs than a small CNN.",
        "He, Zhang, Ren and Sun 2016. Deep Residual Learning for Image Recognition",
        "images", "classification", 274_042, deep_images.resnet20,
    ),
    Stock(
        "densenet_small",
        "DenseNet, small",
        "Every layer of a block sees what all layers before it found, side by side, and adds only a few channels of "
        "its own. It gets far with few parameters, but takes more memory and time than its size suggests.",
        "Huang, Liu, van der Maaten and Weinberger 2017. Densely Connected Convolutional Networks",
        "images", "classification", 73_678, deep_images.densenet_small,
    ),
    Stock(
        "mobilenet_v2_small",
        "MobileNetV2, small",
        "Made for phones: each block widens its input, filters every channel separately, and narrows it again without "
        "an activation, with a shortcut between the narrow ends. Use it when the model has to be small and fast.",
        "Sandler et al. 2018. MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        "images", "classification", 49_226, deep_images.mobilenet_v2_small,
    ),
    Stock(
        "inception_small",
        "Inception, small",
        "Instead of choosing one window size, each module looks through small, middle and large windows side by side "
        "and lets training find out which help. Use it when the objects in your images come in many sizes.",
        "Szegedy et al. 2015. Going Deeper with Convolutions",
        "images", "classification", 229_370, deep_images.inception_small,
    ),
    Stock(
        "separable_small",
        "Separable CNN, small",
        "Convolutions taken apart into a spatial and a channel step, as in Xception: about the accuracy of a CNN with "
        "a fraction of its parameters.",
        "Chollet 2017. Xception: Deep Learning with Depthwise Separable Convolutions",
        "images", "classification", 14_058, images.separable_small,
    ),
    Stock(
        "vision_transformer",
        "Vision transformer, small",
        "Cuts the image into patches of 4 × 4 pixels and reads them like the words of a sentence: attention lets every "
        "patch look at all others. Each position has its own learned numbers (position embeddings), so that the network "
        "knows where each patch belongs. It excels with very many images; with few, a CNN is better. For images above 64 "
        "pixels make the patches larger: "
        "the size of the window and the step of the first convolution.",
        "Dosovitskiy et al. 2021. An Image Is Worth 16×16 Words: Transformers for Image Recognition at Scale",
        "images", "classification", 112_458, images.vision_transformer,
    ),
    Stock(
        "image_regressor",
        "Image regressor",
        "A small CNN that predicts a number instead of a class, for example an angle or an age.",
        "LeCun et al. 1989. Backpropagation Applied to Handwritten Zip Code Recognition",
        "images", "regression", 5_889, images.image_regressor,
    ),
    Stock(
        "unet_small",
        "U-Net, small",
        "Predicts a class for every pixel: is it part of what you look for, such as a cell or a road? It shrinks the "
        "image to see the whole, grows it back to its size, and passes fine detail across at each size. Made for "
        "medicine, where a few dozen hand-drawn masks must be enough.",
        "Ronneberger, Fischer and Brox 2015. U-Net: Convolutional Networks for Biomedical Image Segmentation",
        "images", "segmentation", 116_753, deep_images.unet_small,
    ),
    Stock(
        "grid_detector",
        "Grid detector",
        "Finds objects: it lays a grid over the image, each cell an eighth of the scale, and predicts for each cell whether the "
        "middle of an object lies in it, of which class, and how far it is to the four sides of its box. No boxes are guessed "
        "beforehand, so it has nothing to tune. Its windows see far around, for large objects.",
        "Tian et al. 2019. FCOS: Fully Convolutional One-Stage Object Detection",
        "images", "detection", 282_469, deep_images.grid_detector,
    ),
    Stock(
        "autoencoder",
        "Autoencoder",
        "Squeezes an image through 32 numbers and reconstructs it from them. It needs no labels: its input is also "
        "its target. What passes the narrow part (the layer called code) is a short description of the image: use it to "
        "compress, to find similar images, or to find unusual ones, which are reconstructed badly.",
        "Hinton and Salakhutdinov 2006. Reducing the Dimensionality of Data with Neural Networks",
        "images", "reconstruction", 120_769, deep_images.autoencoder,
    ),
    Stock(
        "small_signal_cnn",
        "Small 1-D CNN",
        "Two rounds of convolution and pooling along time, then the mean of what was found. The windows look for the same "
        "short shape everywhere in a series. The first thing to try on time series: it trains in seconds and needs little data.",
        "Waibel et al. 1989. Phoneme Recognition Using Time-Delay Neural Networks",
        "series", "classification", 24_394, sequences.small_signal_cnn,
    ),
    Stock(
        "signal_cnn",
        "1-D CNN for signals",
        "Slides windows along time as a CNN does over an image, with three rounds and a mean over all steps at the "
        "end. Trains much faster than an LSTM and is hard to beat on heartbeats, vibrations and similar signals.",
        "Wang, Yan and Oates 2017. Time Series Classification from Scratch with Deep Neural Networks",
        "series", "classification", 69_002, sequences.signal_cnn,
    ),
    Stock(
        "bidirectional_gru",
        "Bidirectional GRU classifier",
        "Two readers with a simpler memory than the LSTM's, one from the front and one from the back, so that every "
        "step is judged by what came before and after it. Use it when the whole sequence is available before you need a "
        "prediction.",
        "Cho et al. 2014. Learning Phrase Representations Using RNN Encoder-Decoder; Schuster and Paliwal 1997. "
        "Bidirectional Recurrent Neural Networks",
        "series", "classification", 26_570, sequences.bidirectional_gru,
    ),
    Stock(
        "lstm_classifier",
        "LSTM classifier",
        "Reads a sequence step by step and keeps what matters in a memory that learns what to keep and what to forget. "
        "Use it for measurements over time where order matters, such as movement or machine data, up to a few hundred "
        "steps.",
        "Hochreiter and Schmidhuber 1997. Long Short-Term Memory",
        "series", "classification", 30_154, sequences.lstm_classifier,
    ),
    Stock(
        "signal_regressor",
        "1-D CNN regressor",
        "Predicts a number from a series, such as a load, an age or the time that is left: two rounds of convolution and "
        "pooling along time, the mean of what was found, and one output that can be any number.",
        "Waibel et al. 1989. Phoneme Recognition Using Time-Delay Neural Networks",
        "series", "regression", 23_809, sequences.signal_regressor,
    ),
    Stock(
        "gru_regressor",
        "GRU regressor",
        "Reads a series step by step, keeps what matters in a memory, and predicts a number from what it remembers at the end. "
        "Use it where the order of events decides, up to a few hundred steps.",
        "Cho et al. 2014. Learning Phrase Representations Using RNN Encoder-Decoder",
        "series", "regression", 9_233, sequences.gru_regressor,
    ),
    Stock(
        "word_average",
        "Word average",
        "Gives each word of the vocabulary 32 learned numbers, takes the mean over the text, and classifies it. It "
        "ignores word order and is still hard to beat at sorting texts by topic: the baseline for a transformer.",
        "Joulin, Grave, Bojanowski and Mikolov 2017. Bag of Tricks for Efficient Text Classification",
        "text", "classification", 160_330, sequences.word_average,
    ),
    Stock(
        "text_cnn",
        "1-D CNN for texts",
        "Slides a window of five words over the text and keeps, of each of 128 patterns, the place where it fits best. It "
        "notices phrases such as “not at all good”, which a mean over all words cannot, and trains quickly.",
        "Kim 2014. Convolutional Neural Networks for Sentence Classification",
        "text", "classification", 362_378, sequences.text_cnn,
    ),
    Stock(
        "text_gru",
        "Bidirectional GRU for texts",
        "Reads a text word by word, once from the front and once from the back, and keeps what matters in a memory. Use it "
        "when the order of words decides the meaning; it takes longer to train than a CNN.",
        "Cho et al. 2014. Learning Phrase Representations Using RNN Encoder-Decoder; Schuster and Paliwal 1997. "
        "Bidirectional Recurrent Neural Networks",
        "text", "classification", 339_466, sequences.text_gru,
    ),
    Stock(
        "word_average_regressor",
        "Word average for a number",
        "Gives each word of the vocabulary 32 learned numbers, takes the mean over the text, and predicts a number from it, "
        "such as how many stars a review gives. It ignores word order: the baseline for other networks.",
        "Joulin, Grave, Bojanowski and Mikolov 2017. Bag of Tricks for Efficient Text Classification",
        "text", "regression", 160_033, sequences.word_average_regressor,
    ),
    Stock(
        "text_gru_regressor",
        "Bidirectional GRU for a number",
        "Reads a text word by word from both ends, keeps what matters in a memory, and predicts a number from it. Use it when "
        "the order of words decides how large the number is.",
        "Cho et al. 2014. Learning Phrase Representations Using RNN Encoder-Decoder; Schuster and Paliwal 1997. "
        "Bidirectional Recurrent Neural Networks",
        "text", "regression", 338_881, sequences.text_gru_regressor,
    ),
    Stock(
        "text_transformer",
        "Text transformer, small",
        "Attention lets every word look at all others of the text and use those that explain it; two rounds of that, "
        "then a mean over all words. Each position has its own learned numbers, so that order counts. The "
        "building block of today's language models; it needs many texts.",
        "Vaswani et al. 2017. Attention Is All You Need",
        "text", "classification", 395_786, sequences.text_transformer,
    ),
)  # fmt: skip
