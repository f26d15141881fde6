"""Fresh databases by reuse."""

from __future__ import annotations

import pytest

from tests.reuse import reused

#: A database may be one that was emptied.
embedded = pytest.fixture(reused, name="embedded")
