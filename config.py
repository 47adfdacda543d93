"""Settings: the only file that reads the environment. Every name is explained in docs/settings.md."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: The code of mutated reports; no setting may take it.
RESERVED_APKT_CODE = "99"
#: Believed with HTTPS=1 when nothing is said: a proxy on the same machine.
LOOPBACK = "127.0.0.0/8, ::1"
#: The settings that an SOP may name: a code in its numbers, the contact on its public page.
SETTINGS_OF_SOPS = frozenset({"APKT_CODE", "COMPLAINT_PHONE", "COMPLAINT_EMAIL", "COMPLAINT_ADDRESS"})

LOGOS = (".png", ".jpg", ".jpeg")
LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
QUEUES = ("sqlite:///", "redis://", "rediss://", "unix://")


class WrongSetting(ValueError):
    """Invalid settings; the message names each of them, on a line of its own."""


class Environment(Mapping[str, str]):
    """The variables, and a sentence for each whose value can't be right (``wrong``)."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables, self.wrong = variables, list[str]()

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def get(self, name: str, default: Any = None) -> Any:
        return self._variables.get(name, default)


def from_environment(variables: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask's configuration; the instance folder and the kept secret are there afterwards. Raises ``WrongSetting``."""
    settings = read(variables)
    instance = Path(settings["INSTANCE_PATH"])
    instance.mkdir(parents=True, exist_ok=True)
    settings["SECRET_KEY"] = settings["SECRET_KEY"] or _kept_secret(instance / "secret_key")
    return settings


def read(variables: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The same, but nothing is written. Raises ``WrongSetting`` for all that is wrong at once."""
    environment = Environment(variables)
    try:
        settings = _settings(environment)
    except WrongSetting as error:
        environment.wrong.append(str(error))
    if environment.wrong:
        raise WrongSetting("\n".join(environment.wrong))
    return settings


def _settings(environment: Environment) -> dict[str, Any]:
    instance = Path(environment.get("INSTANCE_PATH", "instance")).resolve()
    database = environment.get("DATABASE_URL") or f"sqlite:///{instance / 'tuntas.sqlite3'}"
    upload_max = _positive(environment, "UPLOAD_MAX_MB", 25) << 20
    queue = _queue(environment, f"sqlite:///{instance / 'queue.sqlite3'}")
    https = _switch(environment, "HTTPS", "0")
    return {
        "INSTANCE_PATH": str(instance),
        "SECRET_KEY": environment.get("SECRET_KEY", ""),
        "SQLALCHEMY_DATABASE_URI": _with_driver(database),
        # What a statement was about stays out of logs: parameters are people's names and telephone numbers.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": not database.startswith("sqlite")},
        "DATABASE_BUSY_MS": _positive(environment, "DATABASE_BUSY_MS", 10_000),
        "STORAGE_URL": environment.get("STORAGE_URL") or f"file://{instance / 'files'}",
        "QUEUE_URL": queue,
        "ORPHAN_AGE_HOURS": _positive(environment, "ORPHAN_AGE_HOURS", 24),
        "REPORT_BACKGROUND_ROWS": _positive(environment, "REPORT_BACKGROUND_ROWS", 20_000),
        "PURGE_DAILY": _switch(environment, "PURGE_DAILY", "0"),
        "APKT_CODE": _apkt_code(environment),
        "COMPLAINT_PHONE": environment.get("COMPLAINT_PHONE", ""),
        "COMPLAINT_EMAIL": environment.get("COMPLAINT_EMAIL", ""),
        "COMPLAINT_ADDRESS": environment.get("COMPLAINT_ADDRESS", ""),
        "COMPANY_NAME": environment.get("COMPANY_NAME", ""),
        "COMPANY_LOGO": _logo(environment),
        "UPLOAD_MAX_BYTES": upload_max,
        # A whole form: several files at once, and what the form itself says.
        "MAX_CONTENT_LENGTH": upload_max * 8,
        "MAX_FORM_MEMORY_SIZE": 2 << 20,
        "MAX_FORM_PARTS": 2000,
        "APP_NAME": "Tuntas",
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_DEFAULT_TIMEZONE": _zone(environment),
        "LANGUAGES": {"id": {"flag": "id", "name": "Indonesia"}, "en": {"flag": "gb", "name": "English"}},
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_NAME": "tuntas",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=_positive(environment, "SESSION_HOURS", 10)),
        "HTTPS": https,
        "TRUSTED_PROXIES": _networks(environment, "TRUSTED_PROXIES", LOOPBACK if https else ""),
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_ENABLED": _switch(environment, "RATELIMIT", "1"),
        # What processes share anyway, they count attempts in as well.
        "RATELIMIT_STORAGE_URI": environment.get("RATELIMIT_STORAGE_URL")
        or (queue if queue.startswith("redis") else "memory://"),
        "LOG_FORMAT": _one_of(environment, "LOG_FORMAT", "text", LOG_FORMATS),
        "LOG_LEVEL": _one_of(environment, "LOG_LEVEL", "info", LOG_LEVELS),
        "METRICS_TOKEN": environment.get("METRICS_TOKEN", ""),
        "METRICS_FROM": _networks(environment, "METRICS_FROM"),
        "WORKER_GRACE": _positive(environment, "WORKER_GRACE", 300),
        "WEB_SERVER": _web_server(environment),
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": environment.get("LOGIN_RATE_LIMIT", "20 per minute"),
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=_positive(environment, "TOKEN_MINUTES", 60)),
        # Clocks of several machines are never quite the same: a token of one is not from the future to another.
        "JWT_DECODE_LEEWAY": timedelta(seconds=5),
        "FAB_API_KEY_ENABLED": True,
        "FAB_API_SWAGGER_UI": False,
        "FAB_API_MAX_PAGE_SIZE": 100,
        "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
        "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_SAFE_REDIRECT_HOSTS": [],
    }


def _web_server(environment: Environment) -> dict[str, Any]:
    """What gunicorn is told (``gunicorn.conf.py``), under its own names; seconds."""
    most = _positive(environment, "WEB_MAX_REQUESTS", 10_000)
    return {
        "bind": environment.get("WEB_BIND", "127.0.0.1:8080"),
        "workers": _positive(environment, "WEB_WORKERS", 1),
        "threads": _positive(environment, "WEB_THREADS", 8),
        "timeout": _positive(environment, "WEB_TIMEOUT", 120),
        "graceful_timeout": _positive(environment, "WEB_GRACE", 60),
        "max_requests": most,
        # Workers that began together shall not all be renewed at once.
        "max_requests_jitter": most // 10,
    }


def tells_metrics(settings: Mapping[str, Any]) -> bool:
    """Whether ``/metrics`` answers anybody."""
    return bool(settings["METRICS_TOKEN"] or settings["METRICS_FROM"])


def sop_folders(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The folders with a deployment's own SOPs."""
    instance = Path(environment.get("INSTANCE_PATH", "instance"))
    written = environment.get("SOP_PATH") or str(instance / "sop")
    return [Path(one).resolve() for one in written.split(os.pathsep) if one]


def sop_lenient(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a deployment's own SOP that is wrong is left out rather than stopping the start."""
    return environment.get("SOP_LENIENT", "0") == "1"


def _with_driver(url: str) -> str:
    """PostgreSQL by psycopg 3, however the URL is written."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _zone(environment: Environment) -> str:
    written: str = environment.get("TIMEZONE", "Asia/Jakarta")
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        environment.wrong.append(f"TIMEZONE must be the name of a zone such as Asia/Jakarta, not {written!r}")
    return written


def _apkt_code(environment: Environment) -> str:
    code: str = environment.get("APKT_CODE", "54")
    if not (len(code) == 2 and code.isdigit()) or code == RESERVED_APKT_CODE:
        environment.wrong.append(f"APKT_CODE must be two digits other than {RESERVED_APKT_CODE}, not {code!r}")
    return code


def _queue(environment: Environment, otherwise: str) -> str:
    url: str = environment.get("QUEUE_URL") or otherwise
    if not url.startswith(QUEUES):
        # The address may hold a password, so it is not repeated.
        environment.wrong.append(f"QUEUE_URL must begin with {', '.join(QUEUES[:-1])} or {QUEUES[-1]}")
    return url


def _logo(environment: Environment) -> str:
    """The path of a picture that both PDF and Word take."""
    written: str = environment.get("COMPANY_LOGO", "")
    if not written:
        return ""
    path = Path(written).resolve()
    if path.suffix.lower() not in LOGOS or not path.is_file():
        environment.wrong.append(f"COMPANY_LOGO must be a file that ends with {' or '.join(LOGOS)}, not {written!r}")
    return str(path)


def _positive(environment: Environment, name: str, default: int) -> int:
    written = environment.get(name, str(default))
    if not (written.isascii() and written.isdigit()) or int(written) < 1:
        environment.wrong.append(f"{name} must be a whole number above 0, not {written!r}")
        return default
    return int(written)


def _switch(environment: Environment, name: str, default: str) -> bool:
    return _one_of(environment, name, default, ("0", "1")) == "1"


def _one_of(environment: Environment, name: str, default: str, known: Collection[str]) -> str:
    written: str = environment.get(name, default)
    if written not in known:
        environment.wrong.append(f"{name} must be {' or '.join(known)}, not {written!r}")
    return written


def _networks(environment: Environment, name: str, default: str = "") -> list[IPv4Network | IPv6Network]:
    """Addresses and networks between commas."""
    written = environment.get(name, "").strip() or default
    try:
        return [ip_network(one.strip()) for one in written.split(",") if one.strip()]
    except ValueError as error:
        environment.wrong.append(
            f"{name} must be addresses or networks with commas between them, not {written!r}: {error}"
        )
        return []


def _kept_secret(path: Path) -> str:
    """Generated once and stored, readable by its owner alone. Several processes that start at once agree on one."""
    made = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text()
