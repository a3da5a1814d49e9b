"""What a visitor is told when something is refused or fails: a page, or JSON for the scripts of the pages."""

from http import HTTPStatus

from flask import Flask, Response, g, jsonify, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed

from edge.errors import (
    AdminOnlyError,
    ConflictError,
    DoorError,
    EdgeError,
    ExaminerError,
    GalleryChangedError,
    NotFoundError,
    StoreError,
    TooManyTriesError,
)
from edge.web.api.problem import PREFIX, problem
from edge.web.language import translate
from edge.web.lines import line_words
from edge.web.pages.frame import own_address

STATUS: tuple[tuple[type[EdgeError], int], ...] = (
    (NotFoundError, 404),
    (AdminOnlyError, 403),
    (GalleryChangedError, 409),
    (ConflictError, 409),
    (StoreError, 503),
    (ExaminerError, 503),
    (DoorError, 503),
    (TooManyTriesError, 429),
)
SENTENCES = {
    400: ("This could not be understood", "Please go back and try again."),
    401: ("Please log in", "This page needs an account."),
    403: ("Not allowed", "Your account may not open this page."),
    404: ("Not found", "There is nothing at this address. It may have been removed."),
    405: ("This could not be understood", "Please go back and try again."),
    409: ("This contradicts what is there", ""),
    413: ("Too large", "At most 5 MiB are taken for a picture."),
    429: ("Too many tries", "Please wait a moment and try again."),
    503: ("Not possible at the moment", "The terminal could not do it just now. Please try again."),
}
FAILED = ("Something went wrong", "It was written to the terminal's log. Please try again.")


class MendableRequest(BadRequest):
    """A request that whoever sent it can mend; `told` says how, in their language."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.told = told


def add_refusals(app: Flask) -> None:
    """Have every error answered by a page of the same looks."""
    app.register_error_handler(EdgeError, _refused)
    app.register_error_handler(HTTPException, _http)


def status_of(error: EdgeError) -> int:
    """Return the HTTP status that tells of an error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def wants_json() -> bool:
    """Return whether a script asks, not a person."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def _refused(error: EdgeError) -> tuple[Response | str, int] | Response:
    if request.path.startswith(PREFIX):
        wait = error.wait if isinstance(error, TooManyTriesError) else None
        return problem(status_of(error), str(error), wait=wait)
    return _answer(status_of(error), str(error)[:2000])


def _http(error: HTTPException) -> tuple[Response | str, int] | Response | HTTPException:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error  # a redirection, or an answer that somebody made whole
    if request.path.startswith(PREFIX):
        answer = problem(error.code)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer
    return _answer(error.code, error.told if isinstance(error, MendableRequest) else "")


def _answer(status: int, line: str) -> tuple[Response | str, int]:
    title, sentence = SENTENCES.get(
        status, SENTENCES[400] if status < HTTPStatus.INTERNAL_SERVER_ERROR else FAILED
    )
    language = g.get("language", "en")
    line = line_words(line, language)
    if wants_json():
        return jsonify(line=line or translate(title, language), status=status), status
    back = _back()
    page = render_template(
        "errors/error.html",
        status=status,
        title=translate(title, language),
        sentence=translate(sentence, language),
        line=line,
        back=back,
    )
    return page, status


def _back() -> str:
    """Return the page that the visitor came from, empty where it was none of these."""
    came_from = request.referrer or ""
    host = request.host_url
    return own_address("/" + came_from.removeprefix(host)) if came_from.startswith(host) else ""
