"""Budgets: what may still be spent, reserved before a call and settled after it."""
