"""The base of all bodies, and what an error says."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_BODY = 8 * 1024 * 1024  # bytes: 64 references with crops of 150×150 are 6 MiB in base64

Text = Annotated[str, Field(max_length=500)]


class Body(BaseModel):
    """The base of all bodies: frozen, strict, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ErrorBody(Body):
    """Why a request was not carried out: the error's class in `edge.errors`, and its line."""

    error: Text
    line: Annotated[str, Field(max_length=2000)]


class DoneBody(Body):
    """What was done, in a line for people; empty where nothing is to be said."""

    line: Annotated[str, Field(max_length=2000)] = ""
