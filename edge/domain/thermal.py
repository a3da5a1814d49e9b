"""The heat governor: temperature, time and demand in, a continuous work rate out.

A proportional-integral controller acts on a predicted temperature. The prediction comes from a fading-memory
(g-h) filter, which a noisy sensor of whole degrees needs. The integral falls faster than it rises, because a
degree too hot costs more than a degree too cool, and it drifts to a middling value while it is not heat that
limits the work, so that a sudden heat finds it neither wound up nor empty. The gains were chosen on simulated
boxes with time constants from 30 to 600 s (`benchmarks/governor.py`).
"""

import math
from dataclasses import dataclass, replace

from edge.domain.thermal_level import WorkRate, crossings, level

PLAUSIBLE = (-40.0, 150.0)  # °C; what a driver reports beyond is an error code, not a temperature

_PER_DEGREE = 0.15  # rate per °C between prediction and aim
_HORIZON = 10.0  # s of prediction
_UP, _DOWN = 0.002, 0.008  # rate per °C and second, below and above the aim
_REST, _RELAX = 0.7, 60.0  # where the integral drifts while heat limits nothing, and in how many seconds
_MEMORY = 8.0  # s, of the filter
_GAP = 30.0  # s without a reading after which the filter starts anew
_LONGEST_STEP = 5.0  # s; a longer pause between two steps moves the integral no further
_PAUSE, _RESUME = 0.03, 0.08  # below the first rate work stops, and begins again above the second
_THROTTLED = 0.9  # ceiling below which work counts as throttled
_COOL = 60.0  # s that a throttled box must be cool before it counts as recovered


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernorSettings:
    """What the governor holds to.

    `limit` °C is not to be passed, and its default is the configuration's; the aim is `margin` below it. Work
    counts as throttled until the box has been `hysteresis` below the limit for a minute. A sensor that gives
    nothing brings the work down to `blind_rate` at once and is reported lost after `grace` seconds.
    """

    limit: float
    margin: float = 1.2
    hysteresis: float = 3.0
    blind_rate: float = 0.25
    grace: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernorState:
    """What the governor remembers from step to step.

    `at` and `read_at` are the monotonic seconds of the last step and of the last reading (or of the first
    step, where there was none); `temperature` °C and `slope` °C/s are estimates; `ceiling` is the highest
    rate that heat allows, whatever the demand; a throttled box is cool since `cool_since`.
    """

    at: float | None = None
    read_at: float | None = None
    temperature: float | None = None
    slope: float = 0.0
    integral: float = _REST
    ceiling: float = 1.0
    throttled: bool = False
    cool_since: float | None = None
    blind: bool = False


def govern(
    state: GovernorState,
    *,
    temperature: float | None,
    at: float,
    demand: float,
    settings: GovernorSettings,
) -> tuple[GovernorState, WorkRate]:
    """Return the state after a step at monotonic second `at`, and the work rate to keep until the next.

    `temperature` is °C, None where the sensor could not be read. `demand` is the share, 0 to 1, of full work
    that there is to do; the rate never exceeds it. To be called about once a second.
    """
    wanted = min(max(demand, 0.0), 1.0) if math.isfinite(demand) else 1.0
    if state.at is not None and at <= state.at:
        after = state
    elif temperature is not None and PLAUSIBLE[0] <= temperature <= PLAUSIBLE[1]:
        after = _control(_observe(state, temperature, at), state.at, wanted, settings)
    else:
        after = _blindly(state, at, settings)
    found = crossings(throttled=(state.throttled, after.throttled), blind=(state.blind, after.blind))
    return after, WorkRate(rate=min(wanted, after.ceiling), level=level(after.ceiling), crossings=found)


def _observe(state: GovernorState, reading: float, at: float) -> GovernorState:
    """Take a reading into the estimate (a fading-memory polynomial filter of first degree)."""
    if state.temperature is None or state.read_at is None or at - state.read_at > _GAP:
        return replace(state, at=at, read_at=at, temperature=reading, slope=0.0, blind=False)
    seconds = at - state.read_at
    memory = math.exp(-seconds / _MEMORY)
    predicted = state.temperature + state.slope * seconds
    error = reading - predicted
    return replace(
        state,
        at=at,
        read_at=at,
        temperature=predicted + (1 - memory**2) * error,
        slope=state.slope + (1 - memory) ** 2 * error / seconds,
        blind=False,
    )


def _control(
    state: GovernorState, before: float | None, wanted: float, to: GovernorSettings
) -> GovernorState:
    if state.temperature is None or state.at is None:
        return state
    seconds = min(state.at - before, _LONGEST_STEP) if before is not None else 0.0
    aim = to.limit - to.margin
    proportional = _PER_DEGREE * (aim - state.temperature - _HORIZON * state.slope)
    rate = state.integral + proportional
    if rate > wanted:
        integral = state.integral + (_REST - state.integral) * min(seconds / _RELAX, 1.0)
    else:
        error = aim - state.temperature
        integral = min(max(state.integral + (_UP if error > 0 else _DOWN) * error * seconds, 0.0), 1.0)
    ceiling = min(max(rate, 0.0), 1.0)
    if ceiling < (_RESUME if state.ceiling == 0 else _PAUSE):
        ceiling = 0.0
    after = replace(state, integral=integral, ceiling=ceiling)
    return _flag(after, state.at, cool=ceiling == 1 and state.temperature <= to.limit - to.hysteresis)


def _flag(state: GovernorState, at: float, *, cool: bool) -> GovernorState:
    """Say throttled at once and recovered after a while, so that a box at the edge does not chatter."""
    if not state.throttled:
        return replace(state, throttled=state.ceiling < _THROTTLED, cool_since=None)
    if not cool:
        return replace(state, cool_since=None)
    since = at if state.cool_since is None else state.cool_since
    return replace(state, cool_since=since, throttled=at - since < _COOL)


def _blindly(state: GovernorState, at: float, to: GovernorSettings) -> GovernorState:
    read_at = at if state.read_at is None else state.read_at
    return replace(
        state,
        at=at,
        read_at=read_at,
        ceiling=min(state.ceiling, to.blind_rate),
        blind=state.blind or at - read_at >= to.grace,
    )
