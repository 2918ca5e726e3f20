"""torch's global state, put back to where it began before every call.

A submission may set it while it is loaded, or in a call, for experiments of its own. No contract
depends on it, so no verdict may. The default dtype alone is left as the submission has it: what
its code makes without a dtype is a part of what it returns.
"""

from typing import Any

import torch

# Bound before any submission is loaded.
_C: Any = torch._C
_grad, _set_grad = _C.is_grad_enabled, _C._set_grad_enabled
_anomaly, _set_anomaly = _C.is_anomaly_enabled, _C.set_anomaly_enabled
_strict, _set_strict = _C._get_deterministic_algorithms, _C._set_deterministic_algorithms
_inference, _Inference = _C.is_inference_mode_enabled, _C._InferenceMode
_autocast, _set_autocast = torch.is_autocast_enabled, torch.set_autocast_enabled
_set_device, _device = torch.set_default_device, torch._GLOBAL_DEVICE_CONTEXT

_CASTING = ("cpu", "cuda")
_left: list[Any] = []  # to forget how inference mode was left would bring it back


def reset(device: str) -> None:
    """Have torch compute as it does when nobody has told it otherwise, on `device`.

    A default device of the kind that is computed on stays: new tensors then meet the inputs.
    """
    if _inference():
        _left.append(_Inference(False))
        _left[-1].__enter__()
    if not _grad():
        _set_grad(True)
    if _anomaly():
        _set_anomaly(False, True)
    if _strict():
        _set_strict(False, warn_only=False)
    for kind in _CASTING if device in _CASTING else (*_CASTING, device):
        if _autocast(kind):
            _set_autocast(kind, False)
    context = getattr(_device, "device_context", None)
    if context is not None and context.device.type != device:
        _set_device(None)
