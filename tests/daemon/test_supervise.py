"""The supervisor against children that do anything, in simulated time."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.supervise import (
    AskToStop,
    Effect,
    Kill,
    Patience,
    Phase,
    SayBack,
    SayLost,
    SayRestarted,
    StartChild,
    Supervisor,
    Terminate,
)

PATIENCE = Patience()


@dataclass
class World:
    """A simulated machine: the clock, at most one child, and all that happened."""

    now: float = 100.0
    alive: bool = False
    log: list[tuple[float, Effect]] = field(default_factory=list)
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.now, PATIENCE)
        self.take(self.supervisor.tick(self.now))

    def take(self, effects: list[Effect]) -> None:
        for effect in effects:
            self.log.append((self.now, effect))
            if isinstance(effect, StartChild):
                assert not self.alive, "a second child was started"
                self.alive = True

    def pass_time(self, seconds: float) -> None:
        """Move on, waking the supervisor exactly at its deadlines."""
        until = self.now + seconds
        while (deadline := self.supervisor.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            before = (self.supervisor.phase, deadline)
            self.take(self.supervisor.tick(self.now))
            assert (self.supervisor.phase, self.supervisor.deadline) != before, (
                "a deadline that stays is a busy loop"
            )
        self.now = until

    def pass_time_until_started(self) -> None:
        while not self.alive:
            self.pass_time(0.5)

    def ready(self) -> None:
        self.take(self.supervisor.ready(self.now))

    def die(self, how: str = "signal SIGSEGV") -> None:
        self.alive = False
        self.take(self.supervisor.exited(self.now, how))

    def play(self, name: str, seconds: float) -> None:
        """Do one step; what only a living child can do is left out where there is none."""
        if name == "pass":
            self.pass_time(seconds)
        elif self.alive and name == "condemn":
            self.take(self.supervisor.condemn(self.now, "wire"))
        elif self.alive and name in {"progress", "mute"}:
            getattr(self.supervisor, name)(self.now)
        elif self.alive:
            getattr(self, name)()

    def told(self, kind: type) -> list[Effect]:
        return [effect for _, effect in self.log if isinstance(effect, kind)]


def test_starts_a_child_at_once_and_only_one() -> None:
    world = World()
    assert [type(effect) for _, effect in world.log] == [StartChild]
    assert world.supervisor.phase is Phase.STARTING


def test_a_child_that_works_is_left_alone_for_ever() -> None:
    world = World()
    world.ready()
    for _ in range(1000):
        world.pass_time(9.0)
        world.supervisor.progress(world.now)
    assert len(world.log) == 1


def test_a_crash_is_told_once_and_mended_after_a_second() -> None:
    world = World()
    world.ready()
    world.pass_time(5)
    world.die("signal SIGKILL")
    assert world.told(SayLost) == [SayLost("signal SIGKILL", 1.0)]
    world.pass_time(0.99)
    assert len(world.told(StartChild)) == 1
    world.pass_time(0.01)
    assert len(world.told(StartChild)) == 2
    assert world.told(SayRestarted) == [SayRestarted("signal SIGKILL")]
    world.pass_time(3)
    world.ready()
    assert world.told(SayBack) == [SayBack(4.0, 1)]


def test_a_child_that_never_becomes_ready_is_told_once_while_the_waits_grow_to_thirty_seconds() -> None:
    world = World()
    starts = []
    for _ in range(10):
        world.die("exit code 1")
        died = world.now
        world.pass_time_until_started()
        starts.append(world.now - died)
    assert starts == [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]
    assert len(world.told(SayLost)) == 1
    assert len(world.told(SayRestarted)) == 1
    world.ready()
    assert [back.attempts for back in world.told(SayBack) if isinstance(back, SayBack)] == [10]


def test_the_wait_begins_anew_only_after_a_healthy_minute() -> None:
    world = World()
    world.die()
    world.pass_time(1)
    world.ready()
    world.pass_time(9)
    world.die()
    assert world.told(SayLost)[-1] == SayLost("signal SIGSEGV", 2.0)
    world.pass_time(2)
    world.ready()
    for _ in range(12):
        world.pass_time(5)
        world.supervisor.progress(world.now)
    world.die()
    assert world.told(SayLost)[-1] == SayLost("signal SIGSEGV", 1.0)


def test_a_hang_is_ended_by_sigterm_and_two_seconds_later_by_sigkill() -> None:
    world = World()
    world.ready()
    start = world.now
    world.pass_time(30)
    ends = [(at - start, type(effect)) for at, effect in world.log if isinstance(effect, Terminate | Kill)]
    assert ends == [(10.0, Terminate), (12.0, Kill)]
    world.die("signal SIGKILL")
    assert world.told(SayLost) == [SayLost("hang: no progress for 10 s", 1.0)]


def test_a_child_that_closed_its_wire_is_ended_though_it_lives() -> None:
    world = World()
    world.ready()
    world.supervisor.mute(world.now)
    world.pass_time(1)
    assert world.told(Terminate)
    world.die("exit code 0")
    assert world.told(SayLost) == [SayLost("hang: it closed its wire and stayed", 1.0)]


def test_how_a_child_died_is_told_rather_than_that_its_wire_closed() -> None:
    world = World()
    world.ready()
    world.supervisor.mute(world.now)
    world.die("signal SIGABRT")
    assert world.told(SayLost) == [SayLost("signal SIGABRT", 1.0)]


@pytest.mark.parametrize("hung", [False, True])
def test_a_stop_is_over_within_three_seconds_even_if_no_signal_helps(hung: bool) -> None:
    world = World()
    world.ready()
    if hung:
        world.pass_time(11)
    world.take(world.supervisor.stop(world.now))
    world.pass_time(3)
    assert world.supervisor.phase is Phase.OVER
    assert world.told(Kill)


_step = st.one_of(
    st.tuples(st.just("pass"), st.floats(0.01, 100)),
    st.tuples(st.just("ready"), st.just(0.0)),
    st.tuples(st.just("progress"), st.just(0.0)),
    st.tuples(st.just("die"), st.just(0.0)),
    st.tuples(st.just("condemn"), st.just(0.0)),
    st.tuples(st.just("mute"), st.just(0.0)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_step, max_size=60), st.booleans())
def test_whatever_a_child_does_losses_and_returns_alternate_and_waits_stay_bounded(
    steps: list[tuple[str, float]], deaf: bool
) -> None:
    world = World()
    for name, seconds in steps:
        world.play(name, seconds)
        if not deaf and world.supervisor.phase in {Phase.TERMINATED, Phase.KILLED}:
            world.die("exit code 0")
        if not world.alive:
            assert world.supervisor.deadline is not None
            assert world.supervisor.deadline - world.now <= PATIENCE.longest
    told = [effect for _, effect in world.log if isinstance(effect, SayLost | SayBack)]
    for index, effect in enumerate(told):
        assert isinstance(effect, SayLost if index % 2 == 0 else SayBack)
    assert len(world.told(SayRestarted)) <= len(world.told(SayLost))


@settings(max_examples=200, deadline=None)
@given(st.lists(_step, max_size=30))
def test_nothing_is_started_after_a_stop(steps: list[tuple[str, float]]) -> None:
    world = World()
    world.ready()
    world.take(world.supervisor.stop(world.now))
    assert world.told(AskToStop)
    starts = len(world.told(StartChild))
    for name, seconds in steps:
        world.play(name, seconds)
    world.pass_time(100)
    assert len(world.told(StartChild)) == starts
    assert world.supervisor.phase is Phase.OVER
