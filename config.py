"""Settings: the only file that reads the environment. Every name is explained in docs/settings.md."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

#: The code of mutated reports; no setting may take it.
RESERVED_APKT_CODE = "99"
#: Believed with HTTPS=1 when nothing is said: a proxy on the same machine.
LOOPBACK = "127.0.0.0/8, ::1"
#: The settings that an SOP may name: a code in its numbers, the contact on its public page.
SETTINGS_OF_SOPS = frozenset({"APKT_CODE", "COMPLAINT_PHONE", "COMPLAINT_EMAIL", "COMPLAINT_ADDRESS"})

#: Where files may lie; what a bucket on another server than Amazon's needs besides.
STORAGES, BUCKET_OPTIONS = ("file", "s3", "gs", "az"), frozenset({"endpoint", "region"})
#: The usual variables of S3, by what obstore calls them.
S3 = {
    "access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN", "region": "AWS_REGION", "endpoint": "AWS_ENDPOINT_URL",
}  # fmt: skip

LOGOS = (".png", ".jpg", ".jpeg")


class WrongSetting(ValueError):
    """An invalid setting; the message names it."""


def from_environment(environment: os._Environ[str] | dict[str, str] = os.environ) -> dict[str, Any]:
    """Flask's configuration. Raises ``WrongSetting``."""
    instance = Path(environment.get("INSTANCE_PATH", "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    database = environment.get("DATABASE_URL") or f"sqlite:///{instance / 'tuntas.sqlite3'}"
    code = environment.get("APKT_CODE", "54")
    if not (len(code) == 2 and code.isdigit()) or code == RESERVED_APKT_CODE:
        raise WrongSetting(f"APKT_CODE must be two digits other than {RESERVED_APKT_CODE}, not {code!r}")
    upload_max = _positive(environment, "UPLOAD_MAX_MB", 25) << 20
    https = environment.get("HTTPS", "0") == "1"
    return {
        "INSTANCE_PATH": str(instance),
        "SECRET_KEY": environment.get("SECRET_KEY") or _kept_secret(instance / "secret_key"),
        "SQLALCHEMY_DATABASE_URI": with_driver(database),
        "DATABASE_READ_URL": _read_url(environment.get("DATABASE_READ_URL", ""), database),
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True} if not database.startswith("sqlite") else {},
        "DATABASE_BUSY_MS": _positive(environment, "DATABASE_BUSY_MS", 10_000),
        "STORAGE_URL": storage_url(environment.get("STORAGE_URL") or f"file://{instance / 'files'}"),
        "STORAGE_OPTIONS": {key: environment[name] for key, name in S3.items() if environment.get(name)},
        "QUEUE_URL": environment.get("QUEUE_URL") or f"sqlite:///{instance / 'queue.sqlite3'}",
        "ORPHAN_AGE_HOURS": _positive(environment, "ORPHAN_AGE_HOURS", 24),
        "REPORT_BACKGROUND_ROWS": _positive(environment, "REPORT_BACKGROUND_ROWS", 20_000),
        "PURGE_DAILY": environment.get("PURGE_DAILY", "0") == "1",
        "APKT_CODE": code,
        "COMPLAINT_PHONE": environment.get("COMPLAINT_PHONE", ""),
        "COMPLAINT_EMAIL": environment.get("COMPLAINT_EMAIL", ""),
        "COMPLAINT_ADDRESS": environment.get("COMPLAINT_ADDRESS", ""),
        "COMPANY_NAME": environment.get("COMPANY_NAME", ""),
        "COMPANY_LOGO": _logo(environment.get("COMPANY_LOGO", "")),
        "UPLOAD_MAX_BYTES": upload_max,
        # A whole form: several files at once, and what the form itself says.
        "MAX_CONTENT_LENGTH": upload_max * 8,
        "MAX_FORM_MEMORY_SIZE": 2 << 20,
        "MAX_FORM_PARTS": 2000,
        "APP_NAME": "Tuntas",
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_DEFAULT_TIMEZONE": environment.get("TIMEZONE", "Asia/Jakarta"),
        "LANGUAGES": {"id": {"flag": "id", "name": "Indonesia"}, "en": {"flag": "gb", "name": "English"}},
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_NAME": "tuntas",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=_positive(environment, "SESSION_HOURS", 10)),
        "HTTPS": https,
        "TRUSTED_PROXIES": _networks(environment.get("TRUSTED_PROXIES", "").strip() or (LOOPBACK if https else "")),
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_ENABLED": environment.get("RATELIMIT", "1") == "1",
        "RATELIMIT_STORAGE_URI": environment.get("RATELIMIT_STORAGE_URL", "memory://"),
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": environment.get("LOGIN_RATE_LIMIT", "20 per minute"),
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=_positive(environment, "TOKEN_MINUTES", 60)),
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


def sop_folders(environment: os._Environ[str] | dict[str, str] = os.environ) -> list[Path]:
    """The folders with a deployment's own SOPs."""
    instance = Path(environment.get("INSTANCE_PATH", "instance"))
    written = environment.get("SOP_PATH") or str(instance / "sop")
    return [Path(one).resolve() for one in written.split(os.pathsep) if one]


def sop_lenient(environment: os._Environ[str] | dict[str, str] = os.environ) -> bool:
    """Whether a deployment's own SOP that is wrong is left out rather than stopping the start."""
    return environment.get("SOP_LENIENT", "0") == "1"


def with_driver(url: str) -> str:
    """PostgreSQL by psycopg 3, however the URL is written."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _read_url(written: str, database: str) -> str:
    """The URL of a copy of the database; empty: none."""
    url = with_driver(written)
    if url and not (url.startswith("postgresql") and with_driver(database).startswith("postgresql")):
        raise WrongSetting("DATABASE_READ_URL must be postgresql://… and needs DATABASE_URL to be such a one as well")
    return url


def storage_url(url: str, name: str = "STORAGE_URL") -> str:
    """``file:///folder`` or ``s3://bucket/prefix?endpoint=…&region=…``; the other stores as obstore knows them."""
    parts = urlsplit(url)
    if parts.scheme not in STORAGES or not (parts.path if parts.scheme == "file" else parts.netloc):
        raise WrongSetting(f"{name} must begin with file:///, s3://bucket, gs://bucket or az://container, not {url!r}")
    if unknown := dict(parse_qsl(parts.query, keep_blank_values=True)).keys() - BUCKET_OPTIONS:
        raise WrongSetting(f"{name} takes {' and '.join(sorted(BUCKET_OPTIONS))}, not {', '.join(sorted(unknown))}")
    return url


def _logo(written: str) -> str:
    """The path of a picture that both PDF and Word take."""
    if not written:
        return ""
    path = Path(written).resolve()
    if path.suffix.lower() not in LOGOS or not path.is_file():
        raise WrongSetting(f"COMPANY_LOGO must be a file that ends with {' or '.join(LOGOS)}, not {written!r}")
    return str(path)


def _positive(environment: Any, name: str, default: int) -> int:
    written = environment.get(name, str(default))
    if not written.isdigit() or int(written) < 1:
        raise WrongSetting(f"{name} must be a whole number above 0, not {written!r}")
    return int(written)


def _networks(written: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks between commas."""
    try:
        return [ip_network(one.strip()) for one in written.split(",") if one.strip()]
    except ValueError as error:
        raise WrongSetting(
            f"TRUSTED_PROXIES must be addresses or networks with commas between them, not {written!r}: {error}"
        ) from error


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
