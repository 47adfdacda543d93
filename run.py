"""Runs Tuntas: prepares the instance folder, migrates, serves.

``python run.py [--demo [--cases N [--seed S]]] [--host 127.0.0.1] [--port 8080]``; settings come from the environment
(docs/settings.md). For gunicorn: ``gunicorn "run:served()"``.
"""

from __future__ import annotations

import argparse
import ipaddress
import signal
import sys

from flask import Flask

import logs
from app import create_app, jobs
from app.demo import whole
from app.extensions import db
from app.services.accounts import setup, start
from app.services.accounts.sop_tables import Unfit
from app.services.core import private
from app.services.operation import settings_seen
from app.sop import NOT_READY
from app.web import embedded


def served() -> Flask:
    """The application for a WSGI server of your own; run ``flask --app run setup`` before it."""
    app = _app()
    if problems := _problems(app):
        print("\n".join(problems), file=sys.stderr, flush=True)
        sys.exit(NOT_READY)
    with app.app_context():
        settings_seen.compare()
        db.session.remove()
        db.engine.dispose()  # a server may fork after this
    return app


def _app() -> Flask:
    app = create_app()
    logs.configure(app.config["LOG_FORMAT"], app.config["LOG_LEVEL"])
    _close_to_others(app)
    return app


def _close_to_others(app: Flask) -> None:
    for sentence in private.close(app.config):
        app.logger.warning(sentence)


def _problems(app: Flask) -> list[str]:
    """Why the database can't be served as it is; nothing while it is away, which /health tells."""
    with app.app_context():
        found = start.start_problems(db.session())
        db.session.remove()
        return found


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    if options.demo and not _is_loopback(options.host):
        print("--demo has known passwords, so it serves on a loopback address only.", file=sys.stderr)
        return 2
    app = _app()
    try:
        with app.app_context():
            _make_ready(options)
    except whole.Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.code
    except Unfit as reason:
        print(reason, file=sys.stderr)
        return 1
    if problems := _problems(app):
        print("\n".join(problems), file=sys.stderr)
        return 1
    with app.app_context():
        settings_seen.compare()
        db.session.remove()
    worker = jobs.EmbeddedWorker(app)
    # As Ctrl-C: the server ends, and the worker once it is done with what it is at.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    print(f"Tuntas: http://{options.host}:{options.port}/", flush=True)
    embedded.serve(app, options.host, options.port)
    worker.stop()
    return 0


def _make_ready(options: argparse.Namespace) -> None:
    """Schema, master data, and people to sign in. Raises ``whole.Trouble`` or ``Unfit``."""
    if options.demo:
        _fill(options)
        return
    whole.whole_or_refused()
    setup.prepare()
    password = setup.first_admin()
    if password:
        print(f"First admin: user name admin, password {password}  (good for choosing your own)", flush=True)


def _fill(options: argparse.Namespace) -> None:
    try:
        whole.fill(options.cases, options.seed, lambda told: print(told, flush=True))
    except whole.NotEmpty as reason:
        print(reason, flush=True)
    else:
        print("Demo data is there.", flush=True)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs Tuntas.")
    parser.add_argument("--demo", action="store_true", help="fill an empty database with a believable working day")
    parser.add_argument("--cases", type=_count, default=0, metavar="N", help="with --demo: so many more cases")
    parser.add_argument("--seed", type=int, default=2026, metavar="S", help="with --cases: another seed, other cases")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args(arguments)
    if options.cases and not options.demo:
        parser.error("--cases needs --demo")
    return options


def _count(written: str) -> int:
    if not written.isdigit():
        raise argparse.ArgumentTypeError(f"not a number of cases: {written}")
    return int(written)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    sys.exit(main())
