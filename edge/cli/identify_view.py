"""How identifications and comparisons are printed: JSON for programs, tables for people."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from edge.bootstrap.recognition import Station
from edge.cli.output import cut, plain, table
from edge.cli.people_view import risk_json
from edge.compare import Comparison
from edge.domain.face import Box
from edge.domain.quality import QualityVerdict
from edge.domain.score import ScoreScale, percent_text
from edge.identify import Identification

Found = Sequence[tuple[str, Sequence[Identification]]]


def identify_json(found: Found, station: Station) -> list[dict[str, Any]]:
    """Return one object per picture with its faces, and what the gallery risks."""
    return [
        {
            "image": image,
            "faces": [_face_json(face, station) for face in faces],
            "reason": None if faces else "no_face",
            "model_version": station.model_version,
            "threshold": station.threshold,
            "gallery": risk_json(station.risk),
        }
        for image, faces in found
    ]


def _face_json(face: Identification, station: Station) -> dict[str, Any]:
    candidates = [
        {
            "person_id": candidate.person_id,
            "person_name": station.names.get(candidate.person_id),
            "score": candidate.score,
            "percent": station.scale.percent(candidate.score),
        }
        for candidate in face.candidates
    ]
    best = candidates[0] if candidates else None
    return {
        "box": _box_json(face.face.detection.box),
        "quality": _quality_json(face),
        "accepted": face.accepted,
        "reason": None if face.accepted else face.reason,
        "person_id": best["person_id"] if best and face.accepted else None,
        "person_name": best["person_name"] if best and face.accepted else None,
        "score": best["score"] if best else None,
        "percent": best["percent"] if best else None,
        "candidates": candidates,
    }


def _box_json(box: Box) -> dict[str, float]:
    return {name: round(value, 1) for name, value in asdict(box).items()}


def _quality_json(face: Identification) -> dict[str, Any]:
    figures = {name: round(value, 3) for name, value in asdict(face.face.figures).items()}
    return {"ok": face.quality.ok, "reasons": [str(reason) for reason in face.quality.reasons], **figures}


def show_identified(out: Console, found: Found, station: Station) -> None:
    """Print every face of every picture with its nearest people and the decision."""
    rows: list[tuple[object, ...]] = []
    for image, faces in found:
        if not faces:
            rows.append((image, None, None, None, None, Text("no face", "yellow"), "no_face"))
        rows.extend(_row(image, number, face, station) for number, face in enumerate(faces, 1))
    columns = ("picture", "face", "box", "nearest", "percent", "decision", "why")
    out.print(table(columns, rows, right=("face", "percent"), whole=("picture",)))
    out.print(plain(f"threshold {percent_text(station.threshold, station.threshold, station.scale)}"))
    out.print(plain(station.risk.sentence))


def _row(image: str, number: int, face: Identification, station: Station) -> tuple[object, ...]:
    box = face.face.detection.box
    place = f"{box.width:.0f}×{box.height:.0f} at {box.left:.0f},{box.top:.0f}"
    if not face.candidates:
        return image, number, place, None, None, _decision(face, None), _why(face)
    best = face.candidates[0]
    name = station.names.get(best.person_id)
    percent = percent_text(best.score, station.threshold, station.scale)
    return image, number, place, name, percent, _decision(face, name), _why(face)


def _decision(face: Identification, name: str | None) -> Text:
    return Text(f"accepted: {cut(name)}", "green") if face.accepted else Text("rejected", "red")


def _why(face: Identification) -> str:
    return f"{face.reason}: {face.quality.reasons[0].sentence}" if face.quality.reasons else face.reason


def comparison_json(result: Comparison) -> dict[str, Any]:
    """Return the comparison as a JSON object."""
    return {
        "score": result.score,
        "percent": result.percent,
        "threshold": result.threshold,
        "same": result.same,
        "quality": [_reasons(verdict) for verdict in result.qualities],
    }


def _reasons(verdict: QualityVerdict) -> dict[str, Any]:
    return {"ok": verdict.ok, "reasons": [str(reason) for reason in verdict.reasons]}


def show_comparison(out: Console, result: Comparison, scale: ScoreScale) -> None:
    """Print the comparison in one line, and what is wrong with the pictures."""
    answer = "the same person" if result.same else "not the same person"
    percent = percent_text(result.score, result.threshold, scale)
    out.print(plain(f"{answer}: {percent} (score {result.score:.4f}, threshold {result.threshold:.4f})"))
    for place, verdict in zip(("first", "second"), result.qualities, strict=True):
        if verdict.reasons:
            out.print(plain(f"{place} picture: {verdict.reasons[0].sentence} ({verdict.reasons[0]})"))
