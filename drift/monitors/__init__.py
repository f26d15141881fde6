"""Monitors: what is watched, how a window is judged, and when that is worth an alarm."""
