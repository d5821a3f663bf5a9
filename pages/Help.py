"""The short guide."""

import streamlit as st

from mhub_core.ui.page import link, page_setup, window

STEPS = """
1. **Data.** Open *Datasets*. Several are built in. To use your own, upload a CSV file, or a zip or folder with one
   subfolder of images for each class. One row or image in five is held out as the test set and never used for training.
2. **Model.** Open *Models*, create one from a stock architecture, and edit it in the *builder*: click a layer to see all
   its settings.
3. **Train.** Choose a model and a dataset. Every setting has a sensible default. A model that does not fit the data is
   adapted, and the page lists what was changed.
4. **Watch.** The page of the run updates by itself. You can close it and come back: the run continues.
5. **Rank.** The *leaderboard* compares the finished runs on a dataset by their score on the held-out test set.
6. **Predict.** Give a trained model an image or a table row, and it returns its prediction.
"""
TERMS = {
    "Epoch": "One pass over all the training data.",
    "Batch size": "How many examples the network processes before each update of its weights.",
    "Learning rate": (
        "How large each update of the weights is. Too large, and the loss jumps around; too small, and training is slow."
    ),
    "Loss": "A number that says how wrong the predictions are. Training minimizes it.",
    "Accuracy": "The share of predictions that are correct.",
    "Validation": (
        "Examples that are kept out of training and checked after every epoch, to see whether the network generalizes or only "
        "memorizes."
    ),
    "Test set": (
        "Examples that are never used for training. The hub scores every trained model on them once, and the leaderboard ranks "
        "by that score."
    ),
    "Precision": "Of the examples predicted as a class, the share that really belong to it.",
    "Recall": "Of the examples that belong to a class, the share that the model found.",
    "F1": "Precision and recall combined in one number (their harmonic mean). It is low when either of them is low.",
    "Confusion matrix": "A table that counts, for each true class (row), how often the model predicted each class (column).",
    "MAE": "Mean absolute error: how far predictions are off on average, in the unit of the target.",
    "RMSE": "Root mean squared error: like MAE, but large errors count more.",
    "Overfitting": (
        "The training loss still improves while the validation loss gets worse: the network memorizes the training data."
    ),
}

page_setup("Help")
left, right = st.columns(2)
with left, window("Step by step"):
    st.markdown(STEPS)
    link("Start", "Train your first model with the guide")
with right, window("Glossary"):
    for term, meaning in TERMS.items():
        st.markdown(f"**{term}.** {meaning}")
