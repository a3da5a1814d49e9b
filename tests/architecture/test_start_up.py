"""What each entry point loads: commands answer at once, and the parent holds no native vision library."""

import subprocess
import sys

import pytest

HEAVY = {"cv2", "onnxruntime", "onnx", "dlib", "PIL", "numpy", "sqlite_utils", "flask", "paho", "gpiozero"}
NATIVE_VISION = {"cv2", "onnxruntime", "onnx", "dlib", "PIL"}

REPORT = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
HELP = f"""
from edge.cli import main
try:
    main(["--help"])
finally:
    {REPORT}
"""


def loaded_by(program: str) -> set[str]:
    """Return the top-level packages a fresh interpreter holds after `program`."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(run.stderr.split())


def test_the_report_sees_what_is_loaded() -> None:
    assert "PIL" in loaded_by(f"import PIL.Image\n{REPORT}")


def test_the_help_of_edgectl_loads_nothing_heavy() -> None:
    assert loaded_by(HELP) & HEAVY == set()


@pytest.mark.parametrize("module", ["edge.daemon", "edge.runtime", "edge.bootstrap"])
def test_the_parent_imports_no_native_vision_library(module: str) -> None:
    assert loaded_by(f"import {module}\n{REPORT}") & NATIVE_VISION == set()
