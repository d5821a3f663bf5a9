"""The start page."""

import streamlit as st

from mhub_core.ui.page import page_setup, window

viewer = page_setup("M-Hub")

with window("Welcome"):
    st.write("Draw a network, train it, watch it learn, rank it, use it.")
