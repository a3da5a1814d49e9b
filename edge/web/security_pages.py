"""The pages of accounts: logging in, setting up, one's own account, everybody's, and tokens."""

from flask import Flask

from edge.web.pages.account import account
from edge.web.pages.account_list import accounts
from edge.web.pages.health import health
from edge.web.pages.login import login
from edge.web.pages.setup import setup
from edge.web.pages.tokens import tokens
from edge.web.security_parts import SecurityParts


def add_account_pages(app: Flask, parts: SecurityParts | None) -> None:
    """Serve them where there are accounts; the word on health to everybody."""
    app.register_blueprint(health)
    if parts is not None:
        for pages in (login, setup, account, accounts, tokens):
            app.register_blueprint(pages)
