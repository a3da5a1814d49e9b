"""The cookies: who is logged in, which browser was here before, and what a form was given."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response as AnyResponse

LOGIN = "edge"
BROWSER = "edge-browser"
PAGE = "edge-page"
PREFIX = "__Host-"  # of this host alone, on every path, over TLS (RFC 6265bis, §4.1.3.2)
KEPT = 180 * 24 * 3600  # seconds a browser is known


def cookie_name(name: str) -> str:
    """Return the full name of a cookie; plain HTTP, which only loopback has, cannot have the prefix."""
    return PREFIX + name if request.is_secure else name


def given(name: str) -> str | None:
    """Return what the browser sent."""
    return request.cookies.get(cookie_name(name))


def give(answer: AnyResponse, name: str, value: str, *, max_age: int | None = None) -> None:
    """Give the browser a cookie that scripts cannot read and other sites' forms do not send."""
    answer.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def take_back(answer: AnyResponse, name: str) -> None:
    """Have the browser forget a cookie."""
    answer.delete_cookie(cookie_name(name), secure=request.is_secure, httponly=True, samesite="Lax", path="/")


class PageCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, for the tokens of forms and what the next page has to say; nothing secret."""

    salt = "edge.pages"

    def get_cookie_name(self, app: Flask) -> str:
        """Return its name."""
        del app
        return cookie_name(PAGE)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether it goes over TLS alone."""
        del app
        return request.is_secure

    def get_cookie_httponly(self, app: Flask) -> bool:
        """Return that no script reads it."""
        del app
        return True

    def get_cookie_samesite(self, app: Flask) -> str:
        """Return that other sites' forms do not send it."""
        del app
        return "Lax"


def clear_site_data(answer: Response | AnyResponse) -> None:
    """Have the browser forget what scripts of the pages kept (Clear-Site-Data, where it is known)."""
    answer.headers["Clear-Site-Data"] = '"storage"'
