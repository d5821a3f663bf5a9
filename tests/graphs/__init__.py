"""Tests of designs: checking, changing, building, writing them."""
