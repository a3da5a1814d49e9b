"""The shape of the code: small modules, names that say what they hold, one broad except."""

import ast
import statistics
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = sorted((REPOSITORY / "edge").rglob("*.py"))
LINES = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "base", "tools"}


def relative(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_no_module_is_over_400_lines() -> None:
    assert {relative(path): lines for path, lines in LINES.items() if lines > 400} == {}


def test_the_median_module_is_at_most_100_lines() -> None:
    assert statistics.median(lines for lines in LINES.values() if lines) <= 100


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for path in MODULES for part in path.relative_to(REPOSITORY).with_suffix("").parts}
    assert names & VAGUE_NAMES == set()


def broad_excepts(source: str) -> list[int]:
    """Return the lines of handlers that swallow everything: bare, Exception, BaseException, also in a tuple.

    One that ends in a bare `raise` undoes something and passes the error on; it swallows nothing.
    """
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        names = {None if kind is None else ast.unparse(kind).removeprefix("builtins.") for kind in caught}
        last = node.body[-1]
        passed_on = isinstance(last, ast.Raise) and last.exc is None
        if names & {None, "Exception", "BaseException"} and not passed_on:
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize(
    "handler",
    ["except:", "except Exception:", "except (OSError, Exception):", "except BaseException as error:"],
)
def test_a_broad_except_is_seen_unless_it_passes_the_error_on(handler: str) -> None:
    assert broad_excepts(f"try:\n    pass\n{handler}\n    print()\n") == [3]
    assert broad_excepts(f"try:\n    pass\n{handler}\n    print()\n    raise\n") == []


def test_only_guard_catches_everything() -> None:
    found = {
        relative(path): lines
        for path in MODULES
        if (lines := broad_excepts(path.read_text(encoding="utf-8")))
    }
    assert set(found) <= {"edge/guard.py"}, found
