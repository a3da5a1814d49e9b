"""Opens ONNX Runtime sessions: threads explicit, memory flat, and on the provider asked for or not at all.

Whoever needs ONNX Runtime gets it here, so that it never tells its maker anything.
"""

import os
from typing import TYPE_CHECKING

from edge.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# Short name → the name of ONNX Runtime; the order is that of preference, the likely fastest first.
PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
_FATAL = 4  # ONNX Runtime's log level: what it prints below it, it raises too


def available_providers() -> list[str]:
    """Return the short names of the providers that this build of ONNX Runtime was made with, best first."""
    _silence()
    import onnxruntime

    made = onnxruntime.get_available_providers()
    return [short for short, name in PROVIDERS.items() if name in made]


def open_session(model: bytes, *, provider: str = "cpu", threads: int = 1) -> "InferenceSession":
    """Return a session of an ONNX model on one provider, `threads` cores per run.

    Raises ModelError with the reason where the provider is not there or the model is not for it.
    """
    _silence()
    import onnxruntime

    there = available_providers()
    if provider not in there:
        raise ModelError(f"provider {provider}: this build of ONNX Runtime has only {', '.join(there)}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A pool thread that spins between two frames only heats the box.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # one plan would be kept for each batch size ever seen
    options.log_severity_level = _FATAL
    try:
        session = onnxruntime.InferenceSession(
            model,
            options,
            providers=[PROVIDERS[provider]],
            provider_options=[_options(provider, threads)],
            enable_fallback=0,
        )
    except runtime_errors() as error:
        raise ModelError(f"provider {provider}: {first_line(error)}") from error
    # Where a provider cannot start, ONNX Runtime goes on with the CPU and says so only in its log.
    if session.get_providers()[0] != PROVIDERS[provider]:
        raise ModelError(f"provider {provider}: it does not load on this machine")
    return session


def _silence() -> None:
    """Keep ONNX Runtime from making a device id and sending usage to Microsoft, which its builds do unasked.

    The variable is read once, when the library is loaded; `disable_telemetry_events()` comes too late for the
    id and the first event (Privacy.md of the onnxruntime wheel, 1.32).
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def _options(provider: str, threads: int) -> dict[str, str]:
    """Return what a provider is told itself: OpenVINO has threads of its own."""
    return {"num_of_threads": str(threads)} if provider == "openvino" else {}


def runtime_errors() -> tuple[type[Exception], ...]:
    """Return what a session raises: ONNX Runtime's own exceptions have no common base but Exception."""
    _silence()
    from onnxruntime.capi import onnxruntime_pybind11_state

    kinds = vars(onnxruntime_pybind11_state).values()
    own = (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception))
    return (ValueError, RuntimeError, *own)


def first_line(error: Exception) -> str:
    """Return the first line of an exception's text, or its type where it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
