"""Drift: statistics, references, monitors, slices and label-free performance of models.

`drift.statistics` is a library by itself: arrays in, typed results out, no store.
"""
