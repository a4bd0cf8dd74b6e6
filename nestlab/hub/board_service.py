"""The board as a service of a hub: ``python -m nestlab.hub.board_service FILE``.

JupyterHub starts it. It shows the board to the administrators of the hub, as a page and as JSON
(``board.json``), and changes nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, HTTPError, RequestHandler, authenticated

from nestlab.workshop import Workshop, board, board_page, load


class _BoardHandler(HubOAuthenticated, RequestHandler):  # type: ignore[misc]  # no types
    """Answers with the board of a workshop."""

    def initialize(self, workshop: Workshop, *, as_json: bool) -> None:
        """Keep what is shown."""
        self._workshop, self._as_json = workshop, as_json

    @authenticated
    def get(self) -> None:
        """Show the board to an administrator; raises HTTPError for others."""
        user: dict[str, Any] = self.get_current_user()
        if not user.get("admin"):
            raise HTTPError(403)
        found = board(self._workshop)
        self.write(found.to_dict() if self._as_json else board_page(found))


def application(workshop: Workshop, prefix: str, secret: bytes) -> Application:
    """Return the service below a prefix of addresses; `secret` signs its cookies."""
    return Application(
        [
            (prefix, _BoardHandler, {"workshop": workshop, "as_json": False}),
            (
                url_path_join(prefix, "board.json"),
                _BoardHandler,
                {"workshop": workshop, "as_json": True},
            ),
            (url_path_join(prefix, "oauth_callback"), HubOAuthCallbackHandler),
        ],
        cookie_secret=secret,
    )


def main(file: str) -> None:
    """Serve the board of a workshop where JupyterHub wants it, until it is stopped."""
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    server = HTTPServer(application(load(file), prefix, os.urandom(32)), xheaders=True)
    server.listen(address.port or 80, address.hostname or "127.0.0.1")
    with contextlib.suppress(KeyboardInterrupt):  # JupyterHub stops its services so
        IOLoop.current().start()


if __name__ == "__main__":
    main(sys.argv[1])
