"""A simulated education platform that sends live telemetry: what `answerable demo` shows.

`world.py` holds the ground truth, `scenes.py` what happens, `simulation.run` plays it.
"""
