"""The short guide."""

import streamlit as st

from mhub_core.ui.page import page_setup, window

viewer = page_setup("Help")

with window("How to"):
    st.write("Choose data, draw a model, train it.")
