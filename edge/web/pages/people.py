"""The pages of people, all of them: each module adds its views to the one blueprint."""

from flask import Flask

from edge.web.pages import (
    people_changes,
    people_copy,
    people_disputes,
    people_enrol,
    people_import,
    people_list,
    people_pins,
)
from edge.web.pages.people_pages import people

VIEWS = (
    people_list,
    people_enrol,
    people_import,
    people_changes,
    people_pins,
    people_copy,
    people_disputes,
)


def add_people(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(people)
