"""The embedder against dlib's own code: one thread each, interleaved, on real aligned crops.

The peer is `dlib.face_recognition_model_v1` of the installed dlib wheel, which the face_recognition package
calls too. Photographs and model files are those set-up fetched (EDGE_TEST_ASSETS, default var/cache/assets).
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
import onnxruntime

from edge.adapters.embedder_onnx import EmbedderOnnx
from edge.domain.face import Picture
from edge.models.prepare import prepare
from edge.models.profile_file import load_profile

STATE = Path(__file__).resolve().parent.parent / "var"
RESULTS = STATE / "benchmarks"
ASSETS = Path(os.environ.get("EDGE_TEST_ASSETS") or STATE / "cache/assets")
ROUNDS = 25
GOAL = 8.0  # times dlib's own speed, fp32

Row = dict[str, Any]


def crops() -> list[Picture]:
    """Return the aligned crops of the photographs, and their mirror images."""
    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(str(ASSETS / "dlib/shape_predictor_5_face_landmarks.dat"))
    found: list[Picture] = []
    for path in sorted((ASSETS / "presidents").glob("*.jpg")):
        read = cv2.imread(str(path))
        assert read is not None
        picture = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
        for box in detector(picture, 0):
            crop = np.asarray(dlib.get_face_chip(picture, predictor(picture, box), 150, 0.25))
            found += [crop, np.ascontiguousarray(crop[:, ::-1])]
    return found


def peer_name() -> str:
    """Name the build that is compared with."""
    facts = ", ".join(
        f"{name} {'on' if getattr(dlib, key) else 'off'}"
        for name, key in (
            ("BLAS", "DLIB_USE_BLAS"),
            ("AVX", "USE_AVX_INSTRUCTIONS"),
            ("CUDA", "DLIB_USE_CUDA"),
        )
    )
    return f"dlib {dlib.__version__} face_recognition_model_v1 ({facts})"


def interleaved(
    contestants: dict[str, Callable[[Picture], object]], pictures: list[Picture]
) -> dict[str, float]:
    """Return the median milliseconds per picture of each contestant; all take turns on every picture."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(ROUNDS):
        picture = pictures[turn % len(pictures)]
        for name, act in contestants.items():
            start = time.perf_counter()
            act(picture)
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def rows() -> list[Row]:
    """Run the comparison and return its rows."""
    pictures = crops()
    with tempfile.TemporaryDirectory() as scratch:
        models = Path(scratch)
        prepare(models, source=ASSETS / "dlib")
        embedder = EmbedderOnnx(load_profile(models, "dlib-resnet29"), threads=1, providers=("cpu",))
        embedder.load()
    model = dlib.face_recognition_model_v1(str(ASSETS / "dlib/dlib_face_recognition_resnet_model_v1.dat"))
    difference = max(
        float(np.abs(embedder.embed([one])[0] - np.array(model.compute_face_descriptor(one))).max())
        for one in pictures[:8]
    )
    medians = interleaved(
        {"dlib": model.compute_face_descriptor, "fp32": lambda picture: embedder.embed([picture])}, pictures
    )
    ratio = medians["dlib"] / medians["fp32"]
    peer = f"{peer_name()}: {medians['dlib']:.1f} ms"
    return [
        {
            "name": "embedder, fp32, one thread, one crop",
            "figure": round(medians["fp32"], 2),
            "unit": "ms",
            "peer": peer,
            "ratio": round(ratio, 1),
            "goal": f"at least {GOAL:g}× the peer's speed",
            "holds": ratio >= GOAL,
        },
        {
            "name": f"embedder, fp32, largest difference of a value ({len(pictures[:8])} crops)",
            "figure": float(f"{difference:.1e}"),
            "unit": "",
            "peer": peer_name(),
            "ratio": None,
            "goal": "under 1e-05",
            "holds": difference < 1e-5,
        },
    ]


def main() -> int:
    """Print the rows and keep them; the exit status says whether every goal holds."""
    found = rows()
    print(f"ONNX Runtime {onnxruntime.__version__}, one thread")
    for row in found:
        print(json.dumps(row, ensure_ascii=False))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "embedder.json").write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return 0 if all(row["holds"] for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
