"""The short guide."""

import streamlit as st

from mhub_core.ui.page import link, page_setup, window

STEPS = """
1. **Data.** Open *Datasets*. Ten real ones are there from the start. Your own: a CSV file, or a zip or folder with one
   sub-folder of pictures for each class. One row or picture in five is kept back for the test; no training ever sees it.
2. **Model.** Open *Models*, create one from a ready design, and change it in the *builder*: click a layer to see all its
   settings.
3. **Train.** Choose model and data. Every setting has a sensible value. What does not fit is adapted, and you are told
   how.
4. **Watch.** The page of the run moves by itself. You may close it and come back: the training goes on.
5. **Rank.** The *leaderboard* compares all finished trainings on the same data by their score on the hidden test.
6. **Predict.** Give a trained model a picture or a row.
"""
TERMS = {
    "Epoch": "One pass over all training data.",
    "Batch size": "How many examples the network looks at before it corrects itself once.",
    "Learning rate": "How large each correction is. Too large: it jumps about. Too small: it crawls.",
    "Loss": "What training makes small: how wrong the network is.",
    "Accuracy": "The share of answers that are right.",
    "Validation": "Examples set aside during training, to see whether the network learns or only memorises.",
    "Test split": "Examples that only the hub uses, once, after training. The leaderboard counts these.",
    "Precision": "Of all it called a class, the share that was.",
    "Recall": "Of all that were a class, the share it found.",
    "F1": "Precision and recall in one number; low when either is low.",
    "Confusion matrix": "How often each true class (row) was taken for each class (column).",
    "MAE": "How far a foretold number is off, on average, in its own unit.",
    "RMSE": "The same, but large misses count more.",
    "Overfitting": "Training gets better while validation gets worse: the network memorises.",
}

page_setup("Help")
left, right = st.columns(2)
with left, window("How to do it"):
    st.markdown(STEPS)
    link("Start", "Train your first model with the guide")
with right, window("What the words mean"):
    for term, meaning in TERMS.items():
        st.markdown(f"**{term}.** {meaning}")
