"""Counting the rows and errors of slices: one protocol, an engine a kind of processor."""
