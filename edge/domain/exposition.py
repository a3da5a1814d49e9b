"""Metrics as text, in Prometheus' exposition format 0.0.4.

The format is that of https://prometheus.io/docs/instrumenting/exposition_formats/: a HELP and a TYPE line for
each family, then its samples; label values escape backslash, quote and line feed; a histogram has cumulative
buckets with the label `le`, a sum and a count.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from edge.domain.latency import BOUNDS, Latencies

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")

Labels: TypeAlias = Mapping[str, str]
Kind: TypeAlias = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, or the latencies of a histogram, under its labels."""

    value: float | Latencies
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """Samples of one name. Raises ValueError for a name or label that Prometheus does not take."""

    name: str
    kind: Kind
    help: str
    samples: Sequence[Sample]

    def __post_init__(self) -> None:
        """Refuse what a scraper would refuse as a whole page."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"metric {self.name!r}: no name for Prometheus")
        for sample in self.samples:
            for label in sample.labels:
                if not _LABEL.fullmatch(label) or label == "le":
                    raise ValueError(f"metric {self.name}: no label for Prometheus: {label!r}")
            if isinstance(sample.value, Latencies) != (self.kind == "histogram"):
                raise ValueError(f"metric {self.name}: a {self.kind} with {type(sample.value).__name__}")


def exposition(families: Iterable[Family]) -> str:
    """Return the page; families without a sample are left out."""
    return "".join(_family(family) for family in families if family.samples)


def _family(family: Family) -> str:
    told = family.help.replace("\\", r"\\").replace("\n", r"\n")
    head = f"# HELP {family.name} {told}\n# TYPE {family.name} {family.kind}\n"
    return head + "".join(_sample(family.name, sample) for sample in family.samples)


def _sample(name: str, sample: Sample) -> str:
    if not isinstance(sample.value, Latencies):
        return _line(name, sample.labels, sample.value)
    bounds = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]
    buckets = [
        _line(f"{name}_bucket", {**sample.labels, "le": bound}, count)
        for bound, count in zip(bounds, sample.value.cumulative, strict=True)
    ]
    tail = [
        _line(f"{name}_sum", sample.labels, sample.value.seconds),
        _line(f"{name}_count", sample.labels, sample.value.count),
    ]
    return "".join([*buckets, *tail])


def _line(name: str, labels: Labels, value: float) -> str:
    pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{pairs}}} {_number(value)}\n" if pairs else f"{name} {_number(value)}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    """Return a number as Go's ParseFloat reads it."""
    if isinstance(value, int):
        return str(int(value))
    return {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}.get(repr(value), repr(value))
