"""What pages are drawn with: the one room of the core that knows Streamlit."""
