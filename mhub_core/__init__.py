"""The core of M-Hub: everything that knows deep learning, data and people, and nothing that draws a page."""
