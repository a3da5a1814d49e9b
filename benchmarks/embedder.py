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
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np

from edge.adapters.embedder_onnx import EmbedderOnnx
from edge.domain.face import Picture
from edge.models.prepare import prepare
from edge.models.profile import Form
from edge.models.profile_file import load_profile

STATE = Path(__file__).resolve().parent.parent / "var"
RESULTS = STATE / "benchmarks"
ASSETS = Path(os.environ.get("EDGE_TEST_ASSETS") or STATE / "cache/assets")
ROUNDS = 25
MANY, MANY_ROUNDS = 16, 6  # crops at once
GOAL = 8.0  # times dlib's own speed, fp32
# Of the 8-bit form, likewise, and over fp32: where the CPU multiplies and adds bytes in one instruction, and
# one crop at a time where it does not. Many at once, as in a bulk import, it is the first on any CPU.
GOAL_INT8, GOAL_INT8_OLD = 25.0, 15.0
GOAL_FORMS, GOAL_FORMS_OLD = 2.2, 1.2

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
    contestants: dict[str, Callable[[Any], object]], given: Sequence[Any], rounds: int
) -> dict[str, float]:
    """Return the median milliseconds of CPU of each contestant; all take turns on everything given.

    Each works on the thread that calls it, so its CPU time is what it needs, whatever else the machine does.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds):
        for name, act in contestants.items():
            start = time.thread_time()
            act(given[turn % len(given)])
            times[name].append((time.thread_time() - start) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def has_byte_products() -> bool:
    """Return whether the CPU has VNNI (x86) or dot-product (Arm) instructions, as Linux tells."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return True
    return bool(flags & {"avx512_vnni", "avx_vnni", "asimddp"})


def embedders(scratch: Path) -> dict[Form, EmbedderOnnx]:
    """Return both forms of dlib's net, prepared anew and loaded on one thread."""
    prepare(scratch, source=ASSETS / "dlib", form=Form.FP32)
    profile = load_profile(scratch, "dlib-resnet29")
    made = {form: EmbedderOnnx(profile.in_form(form), threads=1, providers=("cpu",)) for form in Form}
    for embedder in made.values():
        embedder.load()
    return made


def rows() -> list[Row]:
    """Run the comparison and return its rows."""
    pictures = crops()
    with tempfile.TemporaryDirectory() as scratch:
        forms = embedders(Path(scratch))
    model = dlib.face_recognition_model_v1(str(ASSETS / "dlib/dlib_face_recognition_resnet_model_v1.dat"))
    fp32, int8 = forms[Form.FP32], forms[Form.INT8]
    medians = interleaved(
        {
            "dlib": model.compute_face_descriptor,
            "fp32": lambda picture: fp32.embed([picture]),
            "int8": lambda picture: int8.embed([picture]),
        },
        pictures,
        ROUNDS,
    )
    many = (pictures * MANY)[:MANY]
    at_once = interleaved({"dlib": model.compute_face_descriptor, "int8": int8.embed}, [many], MANY_ROUNDS)
    own = np.array([model.compute_face_descriptor(one) for one in pictures[:8]])
    difference = float(np.abs(fp32.embed(pictures[:8]) - own).max())
    moved = float(np.linalg.norm(int8.embed(pictures[:8]) - own, axis=1).mean())
    goal_int8, goal_forms = (
        (GOAL_INT8, GOAL_FORMS) if has_byte_products() else (GOAL_INT8_OLD, GOAL_FORMS_OLD)
    )
    dlib_ms, fp32_ms, int8_ms = (medians[name] for name in ("dlib", "fp32", "int8"))
    peer = f"{peer_name()}: {dlib_ms:.1f} ms"
    return [
        speed("fp32, one thread, one crop", fp32_ms, peer=peer, ratio=dlib_ms / fp32_ms, goal=GOAL),
        speed("int8, one thread, one crop", int8_ms, peer=peer, ratio=dlib_ms / int8_ms, goal=goal_int8),
        speed(
            f"int8, one thread, {MANY} crops at once, each",
            at_once["int8"] / MANY,
            peer=f"{peer_name()}, likewise: {at_once['dlib'] / MANY:.1f} ms",
            ratio=at_once["dlib"] / at_once["int8"],
            goal=GOAL_INT8,
        ),
        speed(
            "int8 against fp32",
            int8_ms,
            peer=f"the float form: {fp32_ms:.2f} ms",
            ratio=fp32_ms / int8_ms,
            goal=goal_forms,
        ),
        {
            "name": "embedder: fp32, largest difference of a value",
            "figure": float(f"{difference:.1e}"),
            "unit": "",
            "peer": peer_name(),
            "ratio": None,
            "goal": "under 1e-05",
            "holds": difference < 1e-5,
        },
        {
            "name": "embedder: int8, mean distance of vectors",
            "figure": round(moved, 3),
            "unit": "",
            "peer": peer_name(),
            "ratio": None,
            "goal": "under 0.05",
            "holds": moved < 0.05,
        },
    ]


def speed(name: str, figure: float, *, peer: str, ratio: float, goal: float) -> Row:
    """Return a row of milliseconds."""
    return {
        "name": f"embedder: {name}",
        "figure": round(figure, 2),
        "unit": "ms",
        "peer": peer,
        "ratio": round(ratio, 2),
        "goal": f"at least {goal:g}× the peer's speed",
        "holds": ratio >= goal,
    }


def main() -> int:
    """Print the rows and keep them; the exit status says whether every goal holds."""
    found = rows()
    print(f"ONNX Runtime {version('onnxruntime')}, one thread")
    for row in found:
        print(json.dumps(row, ensure_ascii=False))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "embedder.json").write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return 0 if all(row["holds"] for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
