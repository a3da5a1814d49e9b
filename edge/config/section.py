"""What all sections of the configuration file share: what they refuse, and the text they take."""

from collections.abc import Mapping
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from edge.redact import one_line

CONFLICT = "conflict"  # the type of the validation error of keys that do not go together


class Section(BaseModel):
    """A table of the file: unknown keys, loose types, infinities and later changes are refused."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        validate_default=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:  # noqa: ARG003 - for sections to override
        """Return (key, sentence) for keys that do not go together; `given` may hold wrong types."""
        return []

    @model_validator(mode="after")
    def _no_conflicts(self) -> Self:
        for key, sentence in self.conflicts({name: getattr(self, name) for name in self.model_fields_set}):
            raise PydanticCustomError(CONFLICT, "{key}: {sentence}", {"key": key, "sentence": sentence})
        return self


def _plain(text: str) -> str:
    if one_line(text) != text:
        raise ValueError("it holds a control character; remove it")
    return text


Text: TypeAlias = Annotated[str, StringConstraints(max_length=1024), AfterValidator(_plain)]
