"""Drift statistics, one a file; `catalog` names them all."""
