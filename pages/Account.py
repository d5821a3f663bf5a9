"""A person's account."""

import streamlit as st

from mhub_core.ui.login import require_login
from mhub_core.ui.page import page_setup, plain, window

page_setup("Account")
user = require_login("Sign in to see your account.")

with window("You"):
    st.write(plain(f"{user.name} · {user.email}"))
