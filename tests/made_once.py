"""What takes long to make is made once for all processes of a test run."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def made_once(factory_folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name`, which the first process to ask for it has `make` fill; nobody changes it.

    `factory_folder` is what `tmp_path_factory.getbasetemp()` returns. Where making fails, the next one who
    asks tries anew.
    """
    shared = factory_folder.parent if "PYTEST_XDIST_WORKER" in os.environ else factory_folder
    folder, done = shared / f"once-{name}", shared / f"once-{name}.done"
    with (shared / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            done.touch()
    return folder
