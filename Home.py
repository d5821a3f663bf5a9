"""The entry script: registers all pages, always, so that every address survives a sign-in and a reload."""

import streamlit as st

from mhub_core.ui import pages

st.navigation(pages.all_pages(), position="top").run()
