"""Who was let in lately, known by what they send: their large bodies are taken, nobody else's."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from edge.office.one_time import digest
from edge.web.session_cookies import LOGIN, PREFIX

MOST = 1000
_COOKIE = re.compile(rf"(?:^|;)\s*(?:{re.escape(PREFIX)})?{re.escape(LOGIN)}=([^;\s]+)")
_BEARER = re.compile(r"\s*bearer\s+(\S+)\s*", re.IGNORECASE)


class KnownClients:
    """The hashes of the newest sessions and tokens that were good; from any thread, without waiting.

    One that has ended since may be among them: it only may send more bytes, which are then refused.
    """

    def __init__(self, digests: Iterable[str] = ()) -> None:
        self._known: OrderedDict[str, None] = OrderedDict.fromkeys(digests)
        self._lock = threading.Lock()

    def remember(self, secret: str) -> None:
        """Note a session's cookie or a token that was good."""
        known = digest(secret)
        with self._lock:
            self._known[known] = None
            self._known.move_to_end(known)
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Return whether a request is of somebody known; `headers` are as waitress names them."""
        cookie = _COOKIE.search(headers.get("COOKIE", ""))
        bearer = _BEARER.fullmatch(headers.get("AUTHORIZATION", ""))
        return any(digest(found[1]) in self._known for found in (cookie, bearer) if found is not None)
