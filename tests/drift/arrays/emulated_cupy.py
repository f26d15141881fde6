"""A stand-in for CuPy without a GPU: arrays are NumPy's, and kernels run emulated.

It tests the source of the kernels and the code around them; not CuPy, and no speed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

HERE = Path(__file__).parent
ARRAYS = HERE.parents[2] / "drift" / "arrays"
PROTOTYPE = re.compile(r'extern "C" __global__ void (\w+)\(([^)]*)\)')


def compiled(source: str, directory: Path) -> ctypes.CDLL:
    """Compile kernels for this processor, each with a function `run_<name>` that launches it."""
    source = source.replace(
        "extern __shared__ uint32 held[];", "uint32* held = (uint32*)dynamic_shared;"
    )
    runners = []
    for name, parameters in PROTOTYPE.findall(source):
        passed = ", ".join(re.findall(r"(\w+)(?:,|$)", " ".join(parameters.split())))
        runners.append(
            f'extern "C" int run_{name}(unsigned x, unsigned y, unsigned z, unsigned threads, '
            f"{parameters}) {{ return launch({{x, y, z}}, threads, [&] {{ {name}({passed}); }}); }}"
        )
    text = directory / "kernels.cpp"
    text.write_text("\n".join(['#include "emulation.hpp"', source, *runners]), encoding="utf-8")
    library = directory / "kernels.so"
    subprocess.run(
        ["g++", "-std=c++17", "-O1", "-shared", "-fPIC", "-I", HERE, text, "-o", library],
        check=True,
        capture_output=True,
        text=True,
    )
    return ctypes.CDLL(str(library))


def passed(argument: Any) -> Any:
    """Hand an argument over as a device would get it."""
    if isinstance(argument, np.ndarray):
        assert argument.flags.c_contiguous
        return ctypes.c_void_p(argument.ctypes.data)
    assert isinstance(argument, np.int32 | np.int64), f"{type(argument)} has no size of its own"
    return ctypes.c_int(argument) if isinstance(argument, np.int32) else ctypes.c_int64(argument)


def stand_in(directory: Path) -> ModuleType:
    """Build the module that is imported as cupy."""

    class RawModule:
        def __init__(self, code: str, options: tuple[str, ...]) -> None:
            self.library = compiled(code, directory)

        def get_function(self, name: str) -> Any:
            function = getattr(self.library, f"run_{name}")

            def kernel(grid: Any, block: Any, args: Any, shared_mem: int = 0) -> None:
                assert shared_mem <= 48 << 10, "more shared memory than every device gives"
                sides = [*map(int, grid), 1, 1][:3]
                assert max(sides[1:]) < 65_536
                assert block == (256,)
                wrong = function(*sides, *block, *map(passed, args))
                assert not wrong, f"threads of {name} do not meet at the same barriers"

            return kernel

    class Device:
        def __init__(self) -> None:
            self.id, self.attributes = 0, {"MultiProcessorCount": 2}

    module = ModuleType("cupy")
    module.RawModule = RawModule
    module.asarray = np.array
    module.asnumpy = np.array
    runtime = SimpleNamespace(
        getDeviceCount=lambda: 1,
        getDeviceProperties=lambda _: {"name": b"emulated"},
        CUDARuntimeError=RuntimeError,
    )
    stream = SimpleNamespace(synchronize=lambda: None)
    module.cuda = SimpleNamespace(runtime=runtime, Device=Device, get_current_stream=lambda: stream)
    module.__getattr__ = lambda name: getattr(np, name)
    return module


def load_engine(directory: Path) -> Any:
    """Load the module of the GPU's engine over the stand-in, under a name of its own."""
    before = sys.modules.get("cupy")
    sys.modules["cupy"] = stand_in(directory)
    try:
        spec = importlib.util.spec_from_file_location(
            "emulated_cupy_engine", ARRAYS / "cupy_engine.py"
        )
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        del sys.modules["cupy"]
        if before is not None:
            sys.modules["cupy"] = before
    return module
