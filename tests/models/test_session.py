import re
import subprocess
import sys
from pathlib import Path

LOADS_IT = """
import sys
from edge.models.session import available_providers, runtime_errors

assert "onnxruntime" not in sys.modules
{call}
assert "onnxruntime" in sys.modules
"""


def test_onnx_runtime_leaves_no_device_id_and_no_telemetry_behind(tmp_path: Path) -> None:
    for number, call in enumerate(("available_providers()", "runtime_errors()")):
        home = tmp_path / str(number)
        home.mkdir()
        subprocess.run(
            [sys.executable, "-c", LOADS_IT.format(call=call)],
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
            check=True,
        )
        assert list(home.rglob("*")) == []


def test_nothing_here_loads_onnx_runtime_but_through_the_session_module() -> None:
    root = Path(__file__).resolve().parents[2]
    own = root / "edge/models/session.py"
    loaders = [
        path.relative_to(root).as_posix()
        for folder in ("edge", "tests", "benchmarks", "deploy")
        for path in (root / folder).rglob("*.py")
        if path != own
        and re.search(r"^(import|from) onnxruntime", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert loaders == []
