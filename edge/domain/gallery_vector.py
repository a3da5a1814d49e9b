"""What a vector has to be to enter a gallery or to be searched for in one."""

import math

import numpy as np

from edge.domain.face import Vector
from edge.errors import ModelError

# Lengths of vectors that are taken. Embedders give about 1 (dlib's 1.4) to some tens; what lies far outside
# is a fault of the model, and float32 squares of it would lose all digits.
_SHORTEST, _LONGEST = 1e-6, 1e6


def checked_length(vector: Vector, dimension: int, what: str, name: str = "") -> float:
    """Return the length of a vector; raises ModelError where it is no float32 vector of use.

    `what` and `name` say whose it is. Nothing here lets another thread take the interpreter: a search that
    waits for it waits once, and not again and again.
    """
    if vector.shape != (dimension,):
        raise _refusal(what, name, f"shape {vector.shape}, this gallery takes ({dimension},)")
    if vector.dtype != np.float32:
        raise _refusal(what, name, f"{vector.dtype}, this gallery takes float32")
    length = math.hypot(*vector.tolist())
    if not _SHORTEST < length < _LONGEST:  # also where it is NaN
        raise _refusal(what, name, f"length {length:g}, no embedder gives that; check the model")
    return length


def _refusal(what: str, name: str, why: str) -> ModelError:
    return ModelError(f"{f'{what} {name}'.rstrip()}: a vector of {why}")
