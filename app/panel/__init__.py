"""Everything Flask-AppBuilder: pages generated from the SOPs' declarations, and those that belong to none."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app
from flask_appbuilder import AppBuilder

from app.panel import (
    frame,
    guide,
    inputs,
    menu,
    notices,
    origin,
    palette,
    procedures,
    public,
    search,
    show,
    theme,
)
from app.panel.account import confirm, factors, keys, oidc, passwords, profile, second_step, sessions, signing_in
from app.panel.admin import (
    audit,
    background,
    calendar_days,
    channels,
    customers,
    grants,
    master,
    outbox,
    people,
    policies,
    retention,
    webhooks,
    working_hours,
)
from app.panel.calendar import agenda, days_off, subscription
from app.panel.cases import clocks, factory, recording, sections, worklist
from app.panel.dashboards import board, conformance, indicators
from app.panel.mail import incoming
from app.panel.privacy import requests as privacy_requests
from app.panel.reports import csv_dialect, reports
from app.sop import own_parts
from app.web.pages import Access


def pages() -> list[Access]:
    """Every view of the panel; those with an entry in the menu in its order."""
    return [
        worklist.PAGE,
        board.PAGE,
        *factory.pages(),
        incoming.PAGE,
        procedures.PAGE,
        agenda.PAGE,
        indicators.PAGE,
        conformance.PAGE,
        *reports.PAGES,
        retention.PAGE,
        privacy_requests.PAGE,
        *(part.PAGE for part in own_parts("page")),
        *master.PAGES,
        policies.PAGE,
        calendar_days.PAGE,
        working_hours.PAGE,
        customers.PAGE,
        customers.LOADING,
        keys.PAGE,
        outbox.PAGE,
        background.PAGE,
        audit.PAGE,
        incoming.SOURCE,
        channels.PAGE,
        webhooks.PAGE,
        search.ACCESS,
        palette.ACCESS,
        notices.ACCESS,
        csv_dialect.ACCESS,
        theme.ACCESS,
        guide.ACCESS,
        subscription.ACCESS,
        days_off.ACCESS,
        public.ACCESS,
        confirm.ACCESS,
        oidc.ACCESS,
        *factors.ACCESSES,
        second_step.ACCESS,
        grants.ACCESS,
        keys.ACCESS,
        *sessions.ACCESSES,
        *passwords.BUILT_IN,
        *profile.BUILT_IN,
        *signing_in.BUILT_IN,
        *people.BUILT_IN,
    ]


def register(appbuilder: AppBuilder, views: Iterable[Access]) -> None:
    """Adds the views to the panel, and what templates read besides what they are given."""
    inputs.register(current_app)
    confirm.register(current_app)
    oidc.register(current_app)
    keys.register(current_app)
    sessions.register(current_app)
    show.register(current_app)
    origin.register(current_app)
    clocks.register(current_app)
    recording.register(current_app)
    sections.register(current_app)
    factory.tell_templates(current_app)
    known = list(views)
    for view in known:
        view.add(appbuilder)
    frame.register(appbuilder, menu.groups_of(known))
