"""Takes commands: judges, journals, carries out, answers, in this order."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from edge.domain.command import LINES, Command, CommandName, Refusal
from edge.domain.command_body import read_signed, read_trusted
from edge.domain.events import EventType, NewEvent
from edge.domain.mqtt_message import Arrived, OutMessage
from edge.domain.mqtt_topics import Topics
from edge.errors import ConfigError, EdgeError, StoreError
from edge.guard import guarded
from edge.ports import Clock, Journal, Nonces
from edge.publish.documents import json_bytes
from edge.publish.inbox import LONGEST_TOPIC

log = structlog.get_logger("edge.publish.commands")

TOLD = 30  # refusals journaled one by one in
SPAN = 60.0  # seconds; more are counted and told with the next: nobody may fill the disk with bad commands


@dataclass(frozen=True, slots=True)
class Done:
    """What a command has done, in a line, and what else is published because of it."""

    line: str
    messages: Sequence[OutMessage] = ()


Handler = Callable[[Command], str | Done]


@dataclass(frozen=True, slots=True)
class CommandRules:
    """`mode` says who is believed; `key` reads the key of signed commands, anew for each."""

    topics: Topics
    mode: Literal["off", "signed", "broker"]
    key: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a command, as it is answered."""

    name: str
    nonce: str | None
    result: Literal["done", "refused", "failed"]
    reason: Refusal | None
    line: str


class CommandDesk:
    """For the inbox's thread alone. `handlers` carry out and return a line; an EdgeError is a failure.

    They may take some seconds, in which further commands wait, and nothing else does.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        nonces: Nonces,
        handlers: Mapping[CommandName, Handler],
        clock: Clock,
        rules: CommandRules,
    ) -> None:
        self._journal = journal
        self._nonces = nonces
        self._handlers = handlers
        self._clock = clock
        self._rules = rules
        self._counts: Counter[str] = Counter()
        self._told: list[float] = []
        self._untold = 0

    def counts(self) -> dict[str, int]:
        """Return how many commands were accepted, and how many refused for each reason, since the start."""
        return dict(self._counts)

    def receive(self, message: Arrived) -> Sequence[OutMessage]:
        """Do what a message commands, and return the answers; messages on other topics are none of ours."""
        name = self._rules.topics.command_name(message.topic)
        if name is None:
            return ()
        judged = self._judge(name, message)
        if isinstance(judged, Command):
            judged = self._admit(judged)
        if isinstance(judged, Refusal):
            self._refuse(judged, name, LINES[judged])
            return self._answer(_Outcome(name, None, "refused", judged, LINES[judged]), None)
        return self._carry_out(judged, message)

    def _judge(self, name: str, message: Arrived) -> Command | Refusal:
        if self._rules.mode == "off":
            return Refusal.OFF
        if message.retained:
            return Refusal.RETAINED
        if self._rules.mode == "broker":
            return read_trusted(name, message.payload, expiry=message.expiry)
        device = self._rules.topics.device
        return read_signed(name, message.payload, device=device, key=self._key(), now=self._clock.now())

    def _admit(self, command: Command) -> Command | Refusal:
        """Use up the nonce and journal the command; what is not durable is not carried out."""
        if command.name not in self._handlers:
            return Refusal.UNAVAILABLE
        try:
            if command.nonce is not None and command.expires is not None:
                now = self._clock.now().wall
                if not self._nonces.use(command.nonce, expires=command.expires, now=now):
                    return Refusal.REPEATED
            data: dict[str, Any] = {
                "name": command.name,
                "mode": self._rules.mode,
                "arguments": command.arguments,
            }
            if command.nonce is not None:
                data["nonce"] = command.nonce
            self._journal.append(NewEvent(EventType.COMMAND_ACCEPTED, data=data))
        except StoreError as error:
            log.warning("command cannot be journaled, it is not carried out", error=str(error))
            return Refusal.UNAVAILABLE
        self._counts["accepted"] += 1
        return command

    def _carry_out(self, command: Command, message: Arrived) -> Sequence[OutMessage]:
        done: Done | None = None
        problem = LINES[Refusal.FAILED]
        with guarded(f"command {command.name}"):
            try:
                found = self._handlers[command.name](command)
                done = found if isinstance(found, Done) else Done(found)
            except EdgeError as error:
                problem = str(error)
        if done is None:
            self._refuse(Refusal.FAILED, command.name, problem)
            failed = _Outcome(command.name, command.nonce, "failed", Refusal.FAILED, problem)
            return self._answer(failed, message)
        outcome = _Outcome(command.name, command.nonce, "done", None, done.line)
        return [*done.messages, *self._answer(outcome, message)]

    def _refuse(self, reason: Refusal, name: str, line: str) -> None:
        self._counts[reason] += 1
        name = name[:64]
        now = self._clock.monotonic()
        self._told = [at for at in self._told if now - at < SPAN]
        if len(self._told) >= TOLD:
            self._untold += 1
            return
        self._told.append(now)
        data: dict[str, Any] = {
            "name": name[:64],
            "reason": reason,
            "line": line[:200],
            "mode": self._rules.mode,
        }
        if self._untold:
            data["untold"], self._untold = self._untold, 0
        log.warning("command refused", reason=str(reason), command=name)
        try:
            self._journal.append(NewEvent(EventType.COMMAND_REFUSED, data=data))
        except StoreError as error:
            log.warning("refused command cannot be journaled", error=str(error))

    def _key(self) -> bytes | None:
        if self._rules.key is None:
            return None
        try:
            return self._rules.key()
        except ConfigError as error:
            log.warning("key of commands cannot be read", error=str(error))
            return None

    def _answer(self, outcome: "_Outcome", message: Arrived | None) -> Sequence[OutMessage]:
        """Return the answers; one to the topic that an authentic `message` asks for as well."""
        if outcome.reason is not None and self._untold:
            return ()  # a flood gets no answers
        body = json_bytes({field: getattr(outcome, field) for field in _Outcome.__slots__})
        answers = [OutMessage(self._rules.topics.reply, body)]
        if message is not None and message.response_topic and self._may_answer(message.response_topic):
            answers.append(OutMessage(message.response_topic, body, correlation=message.correlation))
        return answers

    def _may_answer(self, topic: str) -> bool:
        """Return whether a topic that somebody else chose is fit for an answer: it means nothing to us."""
        topics = self._rules.topics
        taken = (f"{topics.root}/", f"{topics.home_assistant}/", "$", "/")
        plain = len(topic) <= LONGEST_TOPIC and topic.isprintable() and not set("#+") & set(topic)
        return plain and (topic.startswith(f"{topics.reply}/") or not topic.startswith(taken))
