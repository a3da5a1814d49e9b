"""Taking a backup away, and putting one back."""

import tempfile
from datetime import datetime
from typing import BinaryIO, cast

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from edge.errors import BackupError, StoreError
from edge.web.body_limit import limit_bodies, takes
from edge.web.parts import office, parts
from edge.web.request_show import show as writing
from edge.web.request_show import words
from edge.web.roles import Role, allows
from edge.web.session_gate import fresh, fresh_where
from edge.web.upload_slot import PIECE

backup = Blueprint("backup", __name__, url_prefix="/settings/backup")
limit_bodies(backup)

FORM = 64 * 1024  # bytes that a form has around its file


@backup.get("")
@allows(Role.ADMIN)
def show() -> str:
    """Show what can be taken, and what waits."""
    return _page()


@backup.post("/take")
@allows(Role.ADMIN)
@fresh
def take() -> AnyResponse | tuple[str, int]:
    """Send a backup, encrypted with the passphrase of the form."""
    passphrase = request.form.get("passphrase", "")
    if passphrase != request.form.get("again", ""):
        return _page(take_problem="backup: the two passphrases differ"), 422
    out = cast("BinaryIO", tempfile.TemporaryFile(dir=office().settings.settings.data_dir))  # noqa: SIM115 - sent
    try:
        about = office().backups.take(out, passphrase, actor=g.account.actor)
    except BackupError as error:
        out.close()
        return _page(take_problem=str(error)), 422
    out.seek(0)
    stamp = datetime.fromisoformat(str(about["taken"])).astimezone(parts().zone).strftime("%Y-%m-%d-%H%M")
    name = f"{parts().device}-{stamp}.edgebackup"
    return send_file(out, mimetype="application/octet-stream", as_attachment=True, download_name=name)


def _begins() -> bool:
    """Return whether a file begins with this piece: what goes on is not interrupted for the password."""
    return not request.args.get("offset", "").strip("0") or not _goes_on()


def _has_file() -> bool:
    """Return whether a file comes with the form, or none came before it."""
    file = request.files.get("file")
    return (file is not None and bool(file.filename)) or not _goes_on()


def _goes_on() -> bool:
    return office().upload.is_of(g.account.actor, parts().clock.monotonic())


@backup.post("/part")
@allows(Role.ADMIN)
@fresh_where(_begins)
@takes(PIECE)
def part() -> Response:
    """Take a piece of a backup that is put back."""
    text = request.args.get("offset", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):  # noqa: PLR2004 - digits of a file's length
        raise BadRequest
    length = office().upload.add(
        int(text), request.get_data(), sender=g.account.actor, now=parts().clock.monotonic()
    )
    return jsonify(length=length)


@backup.post("/restore")
@allows(Role.ADMIN)
@fresh_where(_has_file)
@takes(PIECE + FORM)
def restore() -> AnyResponse | tuple[str, int]:
    """Check a backup, which came in pieces or with this form, and have it wait for the next start."""
    slot = office().upload
    file = request.files.get("file")
    try:
        if file is not None and file.filename:
            slot.add(0, file.read(), sender=g.account.actor, now=parts().clock.monotonic())
        office().backups.put_back(slot.path, request.form.get("passphrase", ""), actor=g.account.actor)
    except (BackupError, StoreError) as error:
        return _page(restore_problem=str(error)), 422
    finally:
        slot.drop()
    flash(words("The backup is good. It takes the place of what is there at the next start."), "ok")
    return redirect(url_for("backup.show"), 303)


@backup.post("/drop")
@allows(Role.ADMIN)
@fresh
def drop() -> AnyResponse:
    """Do not put the waiting backup back."""
    office().backups.drop()
    flash(words("No backup is put back."), "info")
    return redirect(url_for("backup.show"), 303)


def _page(take_problem: str = "", restore_problem: str = "") -> str:
    waiting = office().backups.waiting()
    return render_template(
        "settings/backup.html",
        waiting=waiting,
        taken=_moment(str(waiting.get("taken", ""))) if waiting else "",
        piece=PIECE,
        take_problem=take_problem,
        restore_problem=restore_problem,
        may_restart=office().restart is not None,
    )


def _moment(text: str) -> str:
    try:
        return writing().moment(datetime.fromisoformat(text))
    except ValueError:
        return text
