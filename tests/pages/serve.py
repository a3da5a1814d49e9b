"""Serve the pages over a made-up site until Ctrl-C.

`python -m tests.pages.serve [PORT [PEOPLE [EVENTS]]]`
"""

import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from tests.pages.site import open_site, serving


def main() -> None:
    port, people, events = (int(one) for one in [*sys.argv[1:], *("8080", "50", "2000")[len(sys.argv) - 1 :]])
    with (
        tempfile.TemporaryDirectory() as folder,
        open_site(Path(folder), people=people, events=events) as (app, _, _),
        serving(app, port) as address,
    ):
        app.config["TEMPLATES_AUTO_RELOAD"] = True
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 0
        app.jinja_env.auto_reload = True
        sys.stderr.write(f"{address}\n")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
