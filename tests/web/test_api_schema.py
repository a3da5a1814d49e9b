"""schemathesis asks everything that the OpenAPI document describes, and what it does not."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from edge.domain.api_token import Scope
from edge.web.account import Account
from edge.web.roles import Role
from tests.pages.site import open_site

EXAMPLES = 15  # of each operation
UNAVAILABLE = 503


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the API as its document describes it, over a site of its own."""
    numbers = count()

    def whoever() -> Account:
        return Account(
            f"program {next(numbers)}", Role.PUBLIC, "token", frozenset(Scope)
        )  # each at its own pace

    folder = Path(tmp_path_factory.mktemp("schema"))
    with open_site(folder, people=10, events=200, account=whoever) as (app, _, _):
        yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nothing_breaks_and_all_is_answered_as_described(described: Any, mode: GenerationMode) -> None:
    asked = 0
    for found in described.get_all_operations():
        asked += _ask(found.ok(), mode)
    assert asked > 5 * EXAMPLES


def _ask(operation: Any, mode: GenerationMode) -> int:
    """Ask an operation in many ways that the document allows, or that it does not; return in how many."""
    asked = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        nonlocal asked
        answer = case.call()
        checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
        if answer.status_code != UNAVAILABLE:
            checks.append(not_a_server_error)
        case.validate_response(answer, checks=checks)
        asked += 1

    if mode is GenerationMode.NEGATIVE and not operation.body and not operation.query:
        return 0  # there is nothing to get wrong
    ask()
    return asked
