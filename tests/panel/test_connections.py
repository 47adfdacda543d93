"""A download gives its connection back when it is done."""

from __future__ import annotations

from flask import Flask

from app.extensions import db
from tests.cast import Cast


def test_no_connection_stays_out_after_a_download(app: Flask, cast: Cast) -> None:
    supervisor = cast.login("supervisor")
    with app.app_context():
        pool = db.engine.pool
    for path in ("/keluhan/export.csv", "/reports/cases-keluhan/file?format=csv"):
        before = pool.checkedout()
        for _again in range(3):
            answer = supervisor.get(path)
            assert answer.status_code == 200
            answer.close()
        assert pool.checkedout() <= before, path
