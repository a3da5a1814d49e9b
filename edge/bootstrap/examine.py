"""What examines pictures from outside, put together: the child's gate, and the parent's hold on the child."""

from edge.bootstrap.recognition import embedder_profile, enrolment_rules, still_pipeline
from edge.bootstrap.storage import open_reader
from edge.config import Settings
from edge.enrol_gate import Gate
from edge.examine_gate import Decoded, ExamineGate
from edge.examiner import ChildExaminer
from edge.picture_header import MAX_PIXELS, check_header

# Of the configuration, what the child needs: whoever takes it over by a picture reads no password there.
TOLD = {"data_dir", "device", "vision", "recognition", "quality", "enrolment", "access"}
LONGEST = 1600  # pixels: a face of a twentieth of the side is still large enough, and less is quickly seen


def build_gate(settings: Settings) -> ExamineGate:
    """Return the child's gate with its models loaded and run once; raises ModelError, StoreError."""
    from edge.adapters.opencv_threads import use_threads

    use_threads(1)
    profile = embedder_profile(settings)
    pipeline = still_pipeline(settings, profile)
    pipeline.warm_up()
    gallery = open_reader(settings).people
    gate = Gate(pipeline=pipeline, gallery=gallery, rules=enrolment_rules(settings, profile))
    return ExamineGate(decode=_decode, pipeline=pipeline, gate=gate)


def _decode(data: bytes, name: str) -> Decoded:
    from edge.adapters.picture_file import decode_shrunk

    check_header(data, name)
    picture, width, height = decode_shrunk(data, name, longest=LONGEST, max_pixels=MAX_PIXELS)
    return Decoded(picture, width, height)


def build_examiner(settings: Settings) -> ChildExaminer:
    """Return the parent's examiner, not yet open; its child is told only what concerns seeing."""
    return ChildExaminer(settings.model_dump(mode="json", include=TOLD))
