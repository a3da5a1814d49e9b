"""What a request has to look like before anything else is asked of it: its host and where it comes from."""

import ipaddress
from collections.abc import Collection

from flask import Request
from werkzeug.exceptions import BadRequest, Forbidden, MisdirectedRequest

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def require_host(request: Request, hosts: Collection[str]) -> None:
    """Refuse a name that is none of ours: whoever rebinds a name of theirs to our address comes by that name.

    Addresses are no names, and pass. Raises BadRequest for no host, MisdirectedRequest for another's.
    """
    host = request.host
    name = host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
    if not name:
        raise BadRequest
    if name.strip("[]").casefold() not in hosts and not _is_address(name.strip("[]")):
        raise MisdirectedRequest


def require_own_origin(request: Request) -> None:
    """Refuse what another site's page sends with this browser's cookies (Fetch metadata, then Origin).

    A browser too old for both is left to the token that each form carries. Raises Forbidden.
    """
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden
    origin = request.headers.get("Origin")
    if origin is not None and origin.casefold() != request.host_url.rstrip("/").casefold():
        raise Forbidden


def is_active(request: Request) -> bool:
    """Return whether a person did something, not a page that looks for news by itself."""
    return request.method not in SAFE or request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
