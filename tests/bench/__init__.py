"""Measures: each part in fresh processes, medians of several rounds, beside a plainer way."""
