"""How blocks of threads are laid over features, decisions and slices."""

from __future__ import annotations

from dataclasses import dataclass

from drift.codes import CODES

#: Threads of a block, and keys a thread of the distance kernels; as in kernels.cu.
THREADS = 256
ITEMS = 8
#: Shared memory of a block without asking for more than every device gives, less the edges.
SHARED_BYTES = 32 << 10
#: Fewest values of a block: below, adding up its histogram costs as much as counting.
VALUES_A_BLOCK = 32_768
#: Blocks that a multiprocessor works on at a time.
BLOCKS_A_PROCESSOR = 6
#: Most blocks in the second and third dimension.
FEATURES_MAX = 65_535


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch of a histogram kernel.

    Parameters
    ----------
    grid
        Blocks by parts of the decisions, features, and groups of slices.
    slices_a_block
        Slices that one block counts.
    replicas
        How often a block keeps its histogram, a power of two.
    shared_bytes
        Of a block.
    """

    grid: tuple[int, int, int]
    slices_a_block: int
    replicas: int
    shared_bytes: int


def histogram_launch(
    features: int, decisions: int, slice_count: int, multiprocessors: int
) -> Launch:
    """Lay out a histogram of all features and slices in one launch.

    Raises
    ------
    ValueError
        More features, or groups of 32 slices, than a launch takes.

    Examples
    --------
    >>> histogram_launch(50, 20_000_000, 1, 132)
    Launch(grid=(16, 50, 1), slices_a_block=1, replicas=32, shared_bytes=32768)
    """
    most = SHARED_BYTES // (4 * CODES)
    slices_a_block = min(slice_count, most)
    groups = -(-slice_count // slices_a_block)
    if features > FEATURES_MAX or groups > FEATURES_MAX:
        raise ValueError(
            f"{features} features and {slice_count} slices are too many for one launch; "
            f"give at most {FEATURES_MAX} features and {FEATURES_MAX * most} slices"
        )
    replicas = 1 << ((most // slices_a_block).bit_length() - 1)
    wanted = -(-multiprocessors * BLOCKS_A_PROCESSOR // max(1, features * groups))
    parts = max(1, min(wanted, -(-decisions // VALUES_A_BLOCK)))
    shared_bytes = slices_a_block * replicas * CODES * 4
    return Launch((parts, features, groups), slices_a_block, replicas, shared_bytes)


def parts_of(total: int) -> int:
    """Count the blocks that the distance kernels need for one feature's keys."""
    return max(1, -(-total // (THREADS * ITEMS)))
