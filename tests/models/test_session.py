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
