"""Tuntas: an organisation's complaint and dispute SOPs, declared once and run in a panel."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, g, has_app_context
from flask_appbuilder import AppBuilder
from flask_babel import get_locale

from app import api, commands, jobs, panel
from app.extensions import db, migrate
from app.panel.cases.worklist import WorklistView
from app.security import PanelSecurityManager
from app.services.accounts import directories
from app.services.accounts.factors import required
from app.services.core import database, formatting
from app.services.evidence import checkpoints
from app.services.mail import mailboxes
from app.services.webhooks import outbox
from app.sop import NOT_READY, SOPS
from app.web import (
    assets,
    delivery,
    doer,
    hardening,
    health,
    metrics,
    own_password,
    problems,
    refusals,
    request_log,
    roles,
    second_factor,
    sessions,
    signing_in,
)
from app.workflow import texts
from app.workflow.document import sentences
from config import WrongSetting, from_environment

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The application; ``settings`` override those of the environment."""
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(_settings())
    app.config.from_mapping(settings or {})
    _allow_largest_document(app)
    _speak(app)
    _open_database(app)
    request_log.register(app)
    hardening.register(app)
    delivery.register(app)
    doer.register(app)
    refusals.register(app)
    assets.register(app)
    signing_in.register(app)
    own_password.register(app)
    sessions.register(app)
    second_factor.register(app)
    outbox.listen()
    checkpoints.listen()
    with app.app_context():
        mailboxes.check(app.config["MAILBOXES"])
        _build_panel(app)
        _check_directories(app)
    for part in (problems, health, metrics, jobs, commands):
        part.register(app)
    return app


def _settings() -> dict[str, Any]:
    """A wrong setting stops the start: each is what the terminal shows, not where Python stood."""
    try:
        return from_environment()
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(NOT_READY)


def _allow_largest_document(app: Flask) -> None:
    """A form must be able to carry the largest document that an SOP declares."""
    largest = max(d.max_bytes or 0 for sop in SOPS.values() for d in sop.document_by_key.values())
    app.config["MAX_CONTENT_LENGTH"] = max(app.config["MAX_CONTENT_LENGTH"], largest + (1 << 20))


def _speak(app: Flask) -> None:
    """Catalogues are compiled when stale; where the folder is read-only, into the instance's. The SOPs' documents speak
    the same language."""
    from app import catalogues

    texts.speak(_language)
    sentences.write_values(formatting.in_sentence)

    folder = catalogues.compile_stale(ROOT, Path(app.config["INSTANCE_PATH"]) / "translations")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder.resolve())


def _language() -> str:
    """Outside of any request or command the documents speak English, as message ids do. Asked hundreds of times a
    page, so it is looked for where Flask-Babel keeps what it has found out, and without the rest of the locale's
    name."""
    kept = g.get("_flask_babel") if has_app_context() else None
    locale = getattr(kept, "babel_locale", None) or get_locale()
    return locale.language if locale else "en"


def _open_database(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "app" / "migrations"), render_as_batch=True)
    with app.app_context():
        database.prepare(db.engine, app.config["DATABASE_BUSY_MS"])


def _check_directories(app: Flask) -> None:
    """What groups give must be roles, which only the SOPs tell."""
    try:
        directories.check(app.config, app.config["FAB_ROLES"])
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(NOT_READY)


def _build_panel(app: Flask) -> None:
    pages, resources = panel.pages(), api.resources()
    app.config["FAB_ROLES"] = roles.fab_roles([*pages, *resources])
    required.check(app.config["SECOND_FACTOR_ROLES"], app.config["FAB_ROLES"])
    appbuilder = AppBuilder(
        indexview=WorklistView, base_template="panel/frame/base.html", security_manager_class=PanelSecurityManager
    )
    appbuilder.init_app(app, db.session)
    panel.register(appbuilder, pages)
    api.register(appbuilder, resources)
