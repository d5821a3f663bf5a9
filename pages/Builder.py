"""Draw a model: `/Builder?model=7`."""

import streamlit as st

from mhub_core.models import service as models
from mhub_core.ui import session
from mhub_core.ui.builder import bring, create, editor
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.page import go, link, page_setup, plain, query_id, window

viewer = page_setup("Builder")
model_id = query_id("model")

if model_id is None:
    with window("New model"):
        create.draw(viewer)
    with window("Import a model"):
        bring.draw(viewer)
    with window("Your models"):
        with errors_shown():
            mine = models.list_models(viewer, mine=True, limit=20) if viewer else []
            for card in mine:
                link("Builder", card.name, model=card.id)
            if not mine:
                st.write("None yet.")
    st.stop()

with shown_or_stopped("Models"):
    model = models.require_model(viewer, model_id)

if not model.may_edit:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(f"{model.owner_name}'s model. You can view it; to change it, make your own copy."))
        if st.button("Copy", type="primary", key="copy_to_edit"):
            with errors_shown():
                go("Builder", model=models.copy(session.require_user(), model.id))

editor.draw(model)
