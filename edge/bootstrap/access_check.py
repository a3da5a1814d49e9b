"""Why somebody may pass or may not, from what this terminal knows."""

from contextlib import closing
from dataclasses import dataclass, replace

from edge.config import Settings
from edge.domain.access_explain import Explanation
from edge.domain.access_state import AccessState
from edge.ports import StoreReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether a person, named as people are, may pass at UTC second `at`; now where None.

    `door` None is the first one; `leaving` is the way out; `pin` takes it that the right PIN is entered.
    """

    person: str
    at: float | None = None
    door: str | None = None
    leaving: bool = False
    pin: bool = False


def check_access(settings: Settings, question: Question) -> Explanation:
    """Return the decision and its reasons, as things stand in the journal now.

    Raises NotFoundError for nobody by this name, ConflictError for several people, StoreError.
    """
    from edge.bootstrap.clock import standing
    from edge.bootstrap.door_rules import access_rules
    from edge.bootstrap.recognition import gallery_risk
    from edge.bootstrap.storage import open_reader
    from edge.domain.access_explain import explain
    from edge.domain.access_request import AccessRequest, Credential
    from edge.domain.events import Instant
    from edge.domain.passback import Direction
    from edge.domain.second_factor import PinCheck
    from edge.office.current_rules import CurrentRules

    now = standing(settings).at
    wall = now.wall if question.at is None else question.at
    later = round((wall - now.wall) * 1e9)
    at = Instant(wall, now.monotonic_ns + later, now.trusted or question.at is not None)
    with closing(open_reader(settings)) as reader:
        person = reader.people.find(question.person)
        rules = CurrentRules(reader.access, access_rules(settings)).rules()
        if question.door is not None:
            rules = replace(rules, door=question.door)
        risk = gallery_risk(settings, reader.people)
        proves = question.pin or person.visitor
        request = AccessRequest(
            person=person,
            at=at,
            fpir=None if risk is None else risk.fpir,
            pin=PinCheck.MATCHED if proves else PinCheck.NONE,
            credential=Credential.VISITOR_PIN if person.visitor else Credential.FACE,
            direction=Direction.OUT if question.leaving else Direction.IN,
        )
        return explain(request, rules, _state(reader))


def _state(reader: StoreReader) -> AccessState:
    from edge.adapters.clock_system import ClockSystem, boot_id
    from edge.door_memory import AccessMemory

    memory = AccessMemory(reader.journal, ClockSystem(), boot_id())
    memory.begin(reader.journal)
    return memory.state()
