"""Any single wrong value, whatever the key, is an error that names the key and its line."""

import json
import math
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from edge.config import Places, Sections, load_settings
from edge.config.section import Section
from edge.errors import ConfigError
from edge.redact import one_line


def fields() -> dict[str, FieldInfo]:
    return {
        f"{name}.{key}": field
        for name, section in Sections.model_fields.items()
        if isinstance(section.annotation, type) and issubclass(section.annotation, Section)
        for key, field in section.annotation.model_fields.items()
    }


def kind(field: FieldInfo) -> type:
    """Return the type that a value of the file must have; for numbers with a fraction, float."""
    annotation: Any = field.annotation
    if get_origin(annotation) is Literal:
        return type(get_args(annotation)[0])
    if isinstance(annotation, type):
        return annotation
    return float if "float" in str(annotation) else int


def wrong_values(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Return values that no key of this type takes: other types, and numbers and texts beyond every range."""
    text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)
    never = text.map(lambda value: f"{value}\u0007")  # a control character stands in no text of the file
    far = st.integers(min_value=10**9, max_value=2**62)
    numbers = far | far.map(lambda value: -value)
    any_type: dict[type, st.SearchStrategy[Any]] = {
        str: st.integers() | st.booleans() | st.floats(allow_nan=False) | never,
        bool: st.integers() | st.floats(allow_nan=False) | text,
        int: numbers | st.booleans() | st.floats(allow_nan=False) | text,
        float: numbers | st.booleans() | st.sampled_from([math.inf, -math.inf, math.nan]) | text,
    }
    others = st.lists(st.integers(), max_size=3) | st.dictionaries(
        st.sampled_from("abc"), st.integers(), max_size=2
    )
    return any_type[kind(field)] | others


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {toml(inner)}' for key, inner in value.items())}}}"
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


FIELDS = fields()


@pytest.mark.parametrize("key", FIELDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_wrong_value_is_an_error_that_names_the_key(
    key: str, data: st.DataObject, tmp_path: Path, places: Places
) -> None:
    value = data.draw(wrong_values(FIELDS[key]))
    section, name = key.split(".")
    file = tmp_path / "edge.toml"
    file.write_text(f"# a comment\n\n[{section}]\n{name} = {toml(value)}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {}, places)
    (problem,) = caught.value.problems
    assert f":4: {key}: " in problem
    assert ";" in problem
    assert one_line(problem) == problem


@given(raw=st.binary(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_load_or_are_refused_in_one_way(raw: bytes, tmp_path: Path, places: Places) -> None:
    file = tmp_path / "edge.toml"
    file.write_bytes(raw)
    found: list[str] = []
    try:
        load_settings(file, {}, places)
    except ConfigError as error:
        found = error.problems
    assert all(problem.startswith(str(file)) for problem in found)
