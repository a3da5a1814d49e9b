"""The folders of all state: faces and names lie in them, so they are their owner's alone."""

from pathlib import Path

from edge.errors import StoreError

PRIVATE = 0o700


def make_state_folders(data_dir: Path) -> list[Path]:
    """Make `data_dir` with its folders for models and backups where they are missing; return those made.

    What is there already keeps its mode. Raises StoreError where a folder cannot be made.
    """
    made = []
    for folder in (data_dir, data_dir / "models", data_dir / "backups"):
        try:
            if folder.is_dir():
                continue
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=PRIVATE)
            folder.chmod(PRIVATE)  # whatever the umask took away
        except OSError as error:
            raise StoreError(
                f"{folder}: the folder cannot be made ({error.strerror}); "
                f"check the owner and mode of what is above it, or set EDGE_DATA_DIR"
            ) from error
        made.append(folder)
    return made
