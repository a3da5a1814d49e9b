"""Embedder on ONNX Runtime: crops in, vectors out, on the provider that really loaded."""

import hashlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.domain.face import Picture
from edge.errors import ModelError
from edge.models.pixels import model_input
from edge.models.profile import ModelProfile
from edge.models.session import available_providers, first_line, open_session, runtime_errors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Providers: TypeAlias = tuple[str, ...] | Literal["auto"]


class EmbedderOnnx:
    """The embedder of a profile. `load` reads the model; before it, only `version` and `dimension` answer.

    `threads` is how many cores one run may use; `providers` are short names (`models/session.py`), the first
    that loads is taken, or "auto" for the best of this machine. At most `batch` crops go through the net at a
    time, which bounds memory whatever the caller brings.
    """

    def __init__(
        self, profile: ModelProfile, *, threads: int = 1, providers: Providers = "auto", batch: int = 16
    ) -> None:
        self._profile = profile
        self._pixels = profile.pixels
        self._threads = threads
        self._providers = providers
        self._batch = batch
        self._session: InferenceSession | None = None
        self._provider = ""

    @property
    def version(self) -> str:
        """Return the model version."""
        return self._profile.version

    @property
    def dimension(self) -> int:
        """Return the number of values of one vector."""
        return self._profile.vectors.dimension

    @property
    def provider(self) -> str:
        """Return the short name of the provider in use; raises ModelError before `load`."""
        self._loaded()
        return self._provider

    def load(self) -> None:
        """Check the model file, load it and run it once.

        Raises ModelError where the file differs from its profile or no provider asked for loads.
        """
        data = self._read()
        failures = []
        for provider in available_providers() if self._providers == "auto" else self._providers:
            try:
                self._session = open_session(data, provider=provider, threads=self._threads)
                self._provider = provider
                self._batch = min(self._batch, _rows(self._session))
                self._try_out()
            except ModelError as error:
                self._session = None
                failures.append(str(error))
            else:
                return
        raise ModelError(f"{self._profile.path}: no provider loads: {'; '.join(failures)}")

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the n×dimension float32 matrix of n height×width×3 uint8 RGB crops, row by row.

        Raises ModelError for a crop of another shape or type, and where the net gives no finite numbers.
        """
        for number, crop in enumerate(crops):
            self._check(number, crop)
        vectors = np.empty((len(crops), self.dimension), dtype=np.float32)
        for start in range(0, len(crops), self._batch):
            part = crops[start : start + self._batch]
            vectors[start : start + len(part)] = self._run(np.stack(part))
        if not np.isfinite(vectors).all():
            raise ModelError(f"{self._profile.path}: the model gave a vector that is not finite")
        return vectors

    def _read(self) -> bytes:
        try:
            data = self._profile.path.read_bytes()
        except OSError as error:
            raise ModelError(f"{self._profile.path}: {error.strerror}") from error
        # What is checked is what is loaded, also where somebody replaces the file meanwhile.
        self._profile.check(hashlib.sha256(data).hexdigest())
        return data

    def _try_out(self) -> None:
        """Run once on black, so that a model of another shape is found now and not at the door."""
        self._run(np.zeros((1, self._pixels.height, self._pixels.width, 3), dtype=np.uint8))

    def _check(self, number: int, crop: Picture) -> None:
        wanted = (self._pixels.height, self._pixels.width, 3)
        if crop.shape != wanted or crop.dtype != np.uint8:
            raise ModelError(
                f"crop {number}: {crop.dtype} of shape {crop.shape}; "
                f"{self._profile.name} takes uint8 of {wanted}"
            )

    def _run(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        session = self._loaded()
        name = session.get_inputs()[0].name
        try:
            vectors = np.asarray(session.run(None, {name: model_input(crops, self._pixels)})[0])
            vectors = vectors.reshape(len(vectors), -1)  # some nets end in 1×1 pixels
        except runtime_errors() as error:
            raise ModelError(f"{self._profile.path}: {self._provider}: {first_line(error)}") from error
        if vectors.shape != (len(crops), self.dimension):
            raise ModelError(
                f"{self._profile.path}: it gives {vectors.shape} for {len(crops)} crops; its profile says "
                f"dimension {self.dimension}"
            )
        return vectors

    def _loaded(self) -> "InferenceSession":
        if self._session is None:
            raise ModelError(f"{self._profile.path}: the model is not loaded")
        return self._session


def _rows(session: "InferenceSession") -> int:
    """Return how many crops a model takes at a time: some were published for one only."""
    rows = session.get_inputs()[0].shape[0]
    return rows if isinstance(rows, int) else sys.maxsize
