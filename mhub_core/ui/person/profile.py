"""The part of the account in which a person changes what others see of them."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.people import profile_service as profiles
from mhub_core.people import service as people
from mhub_core.people.records import Profile
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import link, opened
from mhub_core.ui.person import card

_ENDINGS = ["png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff"]


def draw(user: User) -> None:
    """Draw what others see, and the way to change it."""
    with errors_shown():
        shown = people.require_person(user, user.id)
        st.html(card.picture(shown))
        link("Person", "See your page as others see it", id=user.id)
        opened("Your image and text", "own_profile", lambda: _change(user, shown), icon=":material/face:", keeps=True)


def _change(user: User, shown: Profile) -> None:
    places = FormPlaces()
    sent = st.file_uploader("A new image", _ENDINGS, max_upload_size=profiles.MAX_IMAGE_MB, key="own_image")
    st.caption("Its middle is cut out and stored as a small square, without anything else that the file contains.")
    help_text = "A few lines about you, in Markdown. Everyone who can open your page sees them."
    about = st.text_area("About you", shown.about, max_chars=profiles.LONGEST_ABOUT, key="own_about", help=help_text)
    places.under("about")
    places.above_button()
    with st.container(horizontal=True):
        saves = st.button("Save", type="primary", key="save_profile")
        removes = bool(shown.picture) and st.button("Remove the image", key="remove_image")
    if saves or removes:
        with errors_shown(places):
            if saves:
                profiles.describe(user, about)
            if saves and sent is not None:
                profiles.set_picture(user, sent.getvalue())
            if removes:
                profiles.remove_picture(user)
            st.rerun()
