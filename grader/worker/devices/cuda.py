"""An NVIDIA GPU (or an AMD one, which torch calls by the same name)."""

from typing import Any

import torch

from grader.worker.devices.device import Accelerator, Runtime

_C: Any = torch._C


class Cuda(Accelerator):
    """The first GPU that CUDA shows. Products in TF32 are off, in the built-in's process too."""

    name = "cuda"
    walls = "cuda"
    sizes = "cuda"

    def lacks(self) -> str:
        """See `Device.lacks`."""
        there = torch.cuda.is_available()
        return "" if there else f"torch {torch.__version__} finds no CUDA device here"

    def bound(self, shared: Any) -> Runtime:
        """See `Accelerator.bound`. Of C, where what a submission does to `torch.cuda` is unseen."""
        del shared
        start: Any = torch.cuda.init
        start()
        properties = torch.cuda.get_device_properties(0)
        self._tf32 = _C._get_cudnn_allow_tf32, _C._set_cudnn_allow_tf32
        self._products = _C._get_cublas_allow_tf32, _C._set_cublas_allow_tf32
        statistics = _C._cuda_memoryStats

        def peak() -> int:
            return int(statistics(0)["allocated_bytes"]["all"]["peak"])

        reset_peak = _C._cuda_resetPeakMemoryStats
        return Runtime(
            _C._cuda_synchronize,
            torch.manual_seed,
            peak,
            lambda: reset_peak(0),
            int(getattr(properties, "L2_cache_size", 0)),
            {
                "title": str(properties.name),
                "uuid": str(getattr(properties, "uuid", "")),
                "memory_mib": int(properties.total_memory) >> 20,
                "runtime": str(torch.version.cuda or torch.version.hip),
            },
        )

    def settle(self) -> None:
        """See `Device.settle`: float32 is float32."""
        for asked, told in (self._tf32, self._products):
            if asked():
                told(False)
