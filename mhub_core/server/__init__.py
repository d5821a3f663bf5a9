"""The web process: Streamlit and a few plain HTTP routes in one ASGI application."""
