"""Tests of reading what people bring: files of Keras, JSON, scripts and notebooks."""
