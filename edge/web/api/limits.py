"""How much one program may ask: a burst, then some requests a second."""

import threading

from edge.domain.login_budget import Budget, Left, take

REQUESTS = Budget(120, 0.1)
MOST = 1000


class Pace:
    """Counts requests by token, in memory; from any thread."""

    def __init__(self, budget: Budget = REQUESTS) -> None:
        self._budget = budget
        self._left: dict[str, Left] = {}
        self._lock = threading.Lock()

    def wait(self, who: str, now: float) -> float:
        """Take one request from somebody's budget; return 0, or the seconds to wait for one."""
        with self._lock:
            if who not in self._left and len(self._left) >= MOST:
                self._left.clear()
            lefts, wait = take({who: self._budget}, self._left, now)
            self._left.update(lefts)
            return wait
