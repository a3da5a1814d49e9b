"""What the gate of enrolment says of a picture, in words, and as JSON for the scripts of the pages."""

from collections.abc import Callable
from typing import Any, TypeAlias

from edge.domain.enrolment import GateReason, LookAlike, Outcome
from edge.domain.examination import Examination, ExaminedPicture
from edge.domain.quality import QualityReason
from edge.web.lines import line_words
from edge.web.show import Show

Words: TypeAlias = Callable[..., str]

SENTENCES = {
    "accepted": "This picture is good.",
    GateReason.NO_FACE: "No face was found. Use a picture that shows the whole face.",
    GateReason.SEVERAL_FACES: "Several faces were found. Use a picture of this person alone, or cut it.",
    GateReason.NO_SUCH_FACE: "There is no such face in this picture.",
    GateReason.NOT_THIS_PERSON: "It does not look like this person's other pictures.",
    GateReason.NEAR_DUPLICATE: "It is nearly the same as another picture and adds nothing.",
    GateReason.ENOUGH_REFERENCES: "There are already as many pictures as are kept of one person.",
    QualityReason.NOT_A_FACE: "No clear face. Take off what covers it and face the camera.",
    QualityReason.TOO_NEAR: "The face is too near. Step back.",
    QualityReason.CUT_OFF: "Part of the face is outside of the picture.",
    QualityReason.TOO_FAR: "The face is too small. Come closer, or use a larger picture.",
    QualityReason.TOO_DARK: "The face is too dark. Bring light in front of it.",
    QualityReason.TOO_BRIGHT: "The face is too bright. Turn away from the strong light.",
    QualityReason.LOW_CONTRAST: "The face is hard to see. Wipe the lens or take off what covers it.",
    QualityReason.LOOK_AT_CAMERA: "The face is turned away. Face the camera.",
    QualityReason.HOLD_STILL: "The face is blurred. Hold still.",
}
ALIKE = "It looks like {name} ({percent}), who is enrolled already."
TAKEN_ALIKE = "It looks like {name} ({percent}) and is taken all the same."
GRADES = {Outcome.ACCEPTED: "ok", Outcome.REFUSED: "bad", Outcome.DUPLICATE: "warn"}


def verdict_text(picture: ExaminedPicture, words: Words, show: Show) -> str:
    """Return one or two sentences on a picture."""
    if picture.look_alike is not None:
        sentence = TAKEN_ALIKE if picture.outcome is Outcome.ACCEPTED else ALIKE
        alike = picture.look_alike
        return words(sentence, name=alike.person_name, percent=percent(alike))
    if picture.code in SENTENCES:
        return words(SENTENCES[picture.code])
    line = line_words(picture.sentence.removeprefix(f"{picture.source}: "), show.language)
    return line[:1].upper() + line[1:]


def percent(alike: LookAlike) -> str:
    """Return the likeness of somebody in percent; rounded down, so that it never seems more than it is."""
    return f"{int(alike.percent * 10) / 10:.1f} %"


def examination_body(found: Examination, words: Words, show: Show) -> dict[str, Any]:
    """Return what a page's script shows of an examination."""
    return {
        "pictures": [_picture(one, words, show) for one in found.pictures],
        "good": sum(one.outcome is Outcome.ACCEPTED for one in found.pictures),
        "alike": [
            {"id": one.person_id, "name": one.person_name, "percent": percent(one)}
            for one in found.look_alikes
        ],
    }


def _picture(picture: ExaminedPicture, words: Words, show: Show) -> dict[str, Any]:
    box = picture.box
    return {
        "source": picture.source,
        "outcome": picture.outcome.value,
        "code": picture.code,
        "kind": GRADES[picture.outcome],
        "text": verdict_text(picture, words, show),
        "width": picture.width,
        "height": picture.height,
        "box": None
        if box is None
        else [round(side, 1) for side in (box.left, box.top, box.width, box.height)],
        "landmarks": [[round(x, 1), round(y, 1)] for x, y in picture.landmarks],
        "alike": picture.look_alike is not None,
        "nearest": None
        if picture.nearest is None
        else {"name": picture.nearest.person_name, "percent": percent(picture.nearest)},
    }
