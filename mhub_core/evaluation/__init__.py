"""Predictions and truth in, tables out; and a trained model's answer to new input."""
