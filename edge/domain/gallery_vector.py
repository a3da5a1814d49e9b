"""What a vector has to be to enter a gallery or to be searched for in one."""

import numpy as np

from edge.domain.face import Vector
from edge.errors import ModelError

# Lengths of vectors that are taken. Embedders give about 1 (dlib's 1.4) to some tens; what lies far outside
# is a fault of the model, and float32 squares of it would lose all digits.
_SHORTEST, _LONGEST = 1e-6, 1e6


def check_form(vector: Vector, dimension: int, what: str, name: str = "") -> None:
    """Raise ModelError, naming `what` and `name`, where a vector is not of float32 or not of `dimension`."""
    if vector.shape != (dimension,):
        raise _refusal(what, name, f"shape {vector.shape}, this gallery takes ({dimension},)")
    if vector.dtype != np.float32:
        raise _refusal(what, name, f"{vector.dtype}, this gallery takes float32")


def check_length(length: float, what: str, name: str = "") -> None:
    """Raise ModelError, naming `what` and `name`, where the length of a vector is of no use, or NaN."""
    if not _SHORTEST < length < _LONGEST:
        raise _refusal(what, name, f"length {length:g}, no embedder gives that; check the model")


def _refusal(what: str, name: str, why: str) -> ModelError:
    return ModelError(f"{f'{what} {name}'.rstrip()}: a vector of {why}")
