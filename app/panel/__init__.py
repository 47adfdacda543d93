"""Everything Flask-AppBuilder: pages generated from the SOPs' declarations."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder

from app.panel import frame, search, show
from app.panel.cases import clocks, factory, recording, sections


def register(appbuilder: AppBuilder) -> None:
    """Adds every page to the panel: those of each SOP, then those that belong to none."""
    show.register(current_app)
    clocks.register(current_app)
    recording.register(current_app)
    sections.register(current_app)
    factory.tell_templates(current_app)
    factory.register(appbuilder)
    appbuilder.add_view_no_menu(search.SearchView)
    frame.register(appbuilder)
