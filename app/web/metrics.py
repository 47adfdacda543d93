"""``/metrics`` for Prometheus: what the processes of this server have answered, and how much of everything there is."""

from __future__ import annotations

import fcntl
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from app.services.operation import figures
from config import tells_metrics

# When a counter began, Prometheus finds out by itself.
disable_created_metrics()
#: Of this process alone; under gunicorn what is counted lies in files that its processes share (``gunicorn.conf.py``).
REGISTRY = CollectorRegistry()
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Seconds.
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
REQUESTS = Counter("tuntas_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "tuntas_request_seconds", "Seconds until the last byte of an answer was sent", ["method", "route"],
    registry=REGISTRY, buckets=BUCKETS,
)  # fmt: skip


def register(app: Flask) -> None:
    app.add_url_rule("/metrics", "metrics", page)


def count(method: str, route: str, status: int, seconds: float) -> None:
    """One request. Labels are the code's words alone, so that nobody can make more of them."""
    known = method if method in METHODS else "other"
    REQUESTS.labels(known, route, status).inc()
    SECONDS.labels(known, route).observe(seconds)


def page() -> Response:
    """As if it were not there for everybody who is not named in ``METRICS_TOKEN`` or ``METRICS_FROM``."""
    if not _may_read():
        abort(404)
    shown = CollectorRegistry()
    shown.register(Stock())
    with _counted() as counted:
        text = generate_latest(counted)
    return Response(text + generate_latest(shown), content_type=CONTENT_TYPE_LATEST)


# A program on the same machine asks without TLS.
page.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]


def _may_read() -> bool:
    config = current_app.config
    if not tells_metrics(config):
        return False
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and config["METRICS_TOKEN"]:
        return hmac.compare_digest(token.strip().encode(), config["METRICS_TOKEN"].encode())
    try:
        address = ip_address(request.remote_addr or "127.0.0.1")
    except ValueError:
        return False
    return any(address in network for network in config["METRICS_FROM"])


@contextmanager
def _counted() -> Iterator[CollectorRegistry]:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        yield REGISTRY
        return
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)
    with (Path(folder) / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield together


class Stock:
    """How much of everything there is, as gauges."""

    def collect(self) -> Iterator[Any]:
        for figure in figures.current():
            gauge = GaugeMetricFamily(f"tuntas_{figure.name}", figure.help, labels=figure.labels)
            for values, number in figure.numbers.items():
                gauge.add_metric(values, number)
            yield gauge
