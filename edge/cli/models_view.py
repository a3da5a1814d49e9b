"""What `edgectl models` shows of a model."""

from typing import TYPE_CHECKING, Any

from edge.cli.output import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from edge.config import Settings
    from edge.domain.false_match import FalseMatchRow
    from edge.models.profile import Embedding, ModelProfile


def row(profile: "ModelProfile") -> dict[str, Any]:
    """Return what a list tells of a model."""
    return {
        "name": profile.name,
        "version": profile.version,
        "role": str(profile.role),
        "form": str(profile.form),
        "licence": profile.licence.name,
        "path": str(profile.path),
    }


def facts(profile: "ModelProfile") -> list[tuple[str, str]]:
    """Return what is to be known of a model, line by line."""
    found = [
        ("name", profile.name),
        ("version", profile.version),
        ("role", str(profile.role)),
        ("file", f"{profile.path} (checksum holds)"),
        ("sha256", profile.sha256),
        ("source", profile.source),
        ("licence", profile.licence.name),
    ]
    if profile.landmarks:
        found.append(("landmarks", str(profile.landmarks)))
    if profile.input:
        pixels = profile.input
        found.append(
            ("input", f"{pixels.width}×{pixels.height} {pixels.colour} {pixels.type} {pixels.layout}")
        )
    if profile.alignment:
        found.append(("alignment", f"{profile.alignment.kind}, padding {profile.alignment.padding:g}"))
    if profile.embedding:
        found += _scores(profile.embedding)
    return found


def _scores(embedding: "Embedding") -> list[tuple[str, str]]:
    scale = embedding.scale
    facts = [("vector", f"{embedding.dimension} values, {embedding.metric}")]
    for what in ("door", "attendance", "textbook"):
        score = getattr(embedding, what)
        facts.append((f"{what} threshold", f"{score:g} ({scale.percent(score):.2f} %)"))
    return [*facts, ("margin", f"{embedding.margin:g}")]


def false_matches(profile: "ModelProfile") -> "Table":
    """Return the table of a model's false match rates."""
    scale = profile.vectors.scale
    rows = [
        (
            f"{row.threshold:g}",
            f"{scale.percent(row.threshold):.2f} %",
            _rate(row),
            row.pairs,
            row.group,
        )
        for row in profile.false_matches.rows
    ]
    return table(
        ("threshold", "percent", "false matches", "pairs", "group"),
        rows,
        right=("threshold", "percent", "false matches", "pairs"),
    )


def form_note(profile: "ModelProfile") -> str | None:
    """Return what is to be known of the rates of a model whose 8-bit form is in use, None where it is not."""
    if profile.form != "int8" or not profile.false_match:
        return None
    return (
        f"the false match rates of {profile.name} were measured with its float form; its limitations say "
        "what the 8-bit form changes"
    )


def _rate(row: "FalseMatchRow") -> str:
    evidence = row.evidence
    if evidence is None or not evidence.bound:
        return f"{row.rate:.2%}"
    return f"none seen, under {evidence.rate:.2%}"


def in_use(profile: "ModelProfile", installed: "Iterable[ModelProfile]", settings: "Settings") -> bool:
    """Return whether the configuration uses a model: it names it, or its embedder needs these landmarks."""
    from edge.models.use import LANDMARKER

    if profile.role == "detector":
        return profile.name == settings.vision.detector
    if profile.role == "landmarker":
        embedders = (one for one in installed if one.name == settings.vision.model)
        return profile.name == LANDMARKER and any(one.landmarks == profile.landmarks for one in embedders)
    return profile.name == settings.vision.model


def megabytes(profile: "ModelProfile") -> str:
    """Return the size of a model file."""
    try:
        return f"{profile.path.stat().st_size / 1e6:.1f}"
    except OSError:
        return "–"
