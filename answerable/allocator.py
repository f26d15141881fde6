"""The C allocator, told to keep what it has: bodies come and go by the hundred kilobytes.

By default glibc maps every block above a few hundred KiB afresh and gives it back when freed,
so the kernel clears the same pages again and again; that was 45 % of the receiver's processor
time.
"""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3

KEPT_BYTES = 128 << 20
"""Free memory at the heap's end that is kept rather than given back."""

MAPPED_FROM_BYTES = 32 << 20
"""Blocks from this size on are still mapped one by one, glibc's own maximum."""


def tune() -> bool:
    """Set both thresholds; False where the C library is not glibc."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt") or not hasattr(library, "gnu_get_libc_version"):
        return False
    kept = library.mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
    mapped = library.mallopt(_M_MMAP_THRESHOLD, MAPPED_FROM_BYTES)
    return bool(kept and mapped)
