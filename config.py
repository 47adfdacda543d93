"""Settings: the only file that reads the environment. Every name is explained in docs/settings.md."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from directory_settings import ldap, oidc
from environment import Environment, kept_once
from environment import WrongSetting as WrongSetting
from mail_settings import Mailbox, mailboxes, sender, smtp

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

#: A name, or all that end with it when it begins with a dot.
HOST = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
LOGOS = (".png", ".jpg", ".jpeg")
LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
QUEUES = ("sqlite:///", "redis://", "rediss://", "unix://")


def from_environment(variables: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask's configuration; the instance folder and the kept secret are there afterwards. Raises ``WrongSetting``."""
    settings = read(variables)
    # Database, files, queue, archives: whatever this process makes is readable by its owner alone.
    os.umask(0o077)
    instance = Path(settings["INSTANCE_PATH"])
    instance.mkdir(parents=True, exist_ok=True)
    if not settings["SECRET_KEY"]:
        kept = kept_once(instance / "secret_key", lambda: secrets.token_urlsafe(48).encode())
        settings["SECRET_KEY"] = kept.decode()
    return settings


def read(variables: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The same, but nothing is written. Raises ``WrongSetting`` for all that is wrong at once."""
    environment = Environment(variables)
    settings: dict[str, Any] = environment.attempt(_settings, {})
    if environment.wrong:
        raise WrongSetting("\n".join(environment.wrong))
    return settings


def _settings(environment: Environment) -> dict[str, Any]:
    instance = Path(environment.get("INSTANCE_PATH", "instance")).resolve()
    database = environment.get("DATABASE_URL") or f"sqlite:///{instance / 'tuntas.sqlite3'}"
    files = f"file://{instance / 'files'}"
    upload_max = environment.positive("UPLOAD_MAX_MB", 25) << 20
    queue = _queue(environment, f"sqlite:///{instance / 'queue.sqlite3'}")
    https = environment.switch("HTTPS", "0")
    public = environment.attempt(_public_url, "")
    return {
        "INSTANCE_PATH": str(instance),
        "ASSETS_PATH": environment.get("ASSETS_PATH") or str(instance / "assets"),
        "SECRET_KEY": environment.get("SECRET_KEY", ""),
        "SQLALCHEMY_DATABASE_URI": with_driver(database),
        "DATABASE_READ_URL": environment.attempt(lambda one: _read_url(one.get("DATABASE_READ_URL", ""), database), ""),
        # What a statement was about stays out of logs: parameters are people's names and telephone numbers.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": not database.startswith("sqlite")},
        "DATABASE_BUSY_MS": environment.positive("DATABASE_BUSY_MS", 10_000),
        "STORAGE_URL": environment.attempt(lambda one: storage_url(one.get("STORAGE_URL") or files), files),
        "STORAGE_OPTIONS": {key: environment[name] for key, name in S3.items() if environment.get(name)},
        "CHECKPOINT_KEY": _checkpoint_key(environment),
        "ANCHOR_FILE": environment.get("ANCHOR_FILE", ""),
        "ANCHOR_MAIL": environment.attempt(_anchor_mail, ""),
        "ANCHOR_S3_URL": environment.attempt(_anchor_bucket, ""),
        "ANCHOR_TSA_URL": environment.attempt(_anchor_authority, ""),
        "ANCHOR_TSA_CERT": environment.get("ANCHOR_TSA_CERT", ""),
        "BACKUP_PASSPHRASE": environment.get("BACKUP_PASSPHRASE", ""),
        "QUEUE_URL": queue,
        "ORPHAN_AGE_HOURS": environment.positive("ORPHAN_AGE_HOURS", 24),
        "REPORT_BACKGROUND_ROWS": environment.positive("REPORT_BACKGROUND_ROWS", 20_000),
        "REVEAL_MINUTES": environment.positive("REVEAL_MINUTES", 15),
        "REVEALS_PER_HOUR": environment.positive("REVEALS_PER_HOUR", 30),
        "PRIVACY_OFFICERS": environment.names("PRIVACY_OFFICERS", "Admin, Supervisor"),
        "PURGE_DAILY": environment.switch("PURGE_DAILY", "0"),
        "APKT_CODE": _apkt_code(environment),
        "COMPLAINT_PHONE": environment.get("COMPLAINT_PHONE", ""),
        "COMPLAINT_EMAIL": environment.get("COMPLAINT_EMAIL", ""),
        "COMPLAINT_ADDRESS": environment.get("COMPLAINT_ADDRESS", ""),
        "MAILBOXES": environment.attempt(mailboxes, tuple[Mailbox, ...]()),
        "COMPANY_NAME": environment.get("COMPANY_NAME", ""),
        "COMPANY_LOGO": _logo(environment),
        "SMTP": environment.attempt(smtp, None),
        "MAIL_FROM": environment.attempt(sender, ""),
        "LDAP": environment.attempt(ldap, None),
        "OIDC": environment.attempt(oidc, None),
        "MAIL_MAX_BYTES": environment.positive("MAIL_MAX_MB", 20) << 20,
        "UPLOAD_MAX_BYTES": upload_max,
        "REFUSE_ACTIVE_CONTENT": environment.switch("REFUSE_ACTIVE_CONTENT", "0"),
        "CLAMD_SOCKET": environment.attempt(_clamd, ""),
        "CLAMD_AWAY": environment.one_of("CLAMD_AWAY", "refuse", ("refuse", "accept")),
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
        # By its name a browser takes it from this very site alone, over TLS, and never from a neighbour's subdomain.
        "SESSION_COOKIE_NAME": "__Host-tuntas" if https else "tuntas",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=environment.positive("SESSION_HOURS", 10)),
        "SESSION_MAX_LIFETIME": timedelta(hours=environment.positive("SESSION_MAX_HOURS", 12)),
        "HTTPS": https,
        "TRUSTED_PROXIES": environment.networks("TRUSTED_PROXIES", LOOPBACK if https else ""),
        "PUBLIC_URL": public,
        "KNOWN_HOSTS": environment.attempt(lambda one: _hosts(one, public), list[str]()),
        "WEBHOOK_ALLOW_PRIVATE": environment.networks("WEBHOOK_ALLOW_PRIVATE", ""),
        "SECOND_FACTOR_ROLES": _names(environment.get("SECOND_FACTOR_ROLES", "")),
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_ENABLED": environment.switch("RATELIMIT", "1"),
        # What processes share anyway, they count attempts in as well.
        "RATELIMIT_STORAGE_URI": environment.get("RATELIMIT_STORAGE_URL")
        or (queue if queue.startswith("redis") else "memory://"),
        "LOG_FORMAT": environment.one_of("LOG_FORMAT", "text", LOG_FORMATS),
        "LOG_LEVEL": environment.one_of("LOG_LEVEL", "info", LOG_LEVELS),
        "METRICS_TOKEN": environment.get("METRICS_TOKEN", ""),
        "METRICS_FROM": environment.networks("METRICS_FROM"),
        "WORKER_GRACE": environment.positive("WORKER_GRACE", 300),
        "WEB_SERVER": _web_server(environment),
        "ROLE_GRANTS_FOUR_EYES": environment.switch("ROLE_GRANTS_FOUR_EYES", "0"),
        "AUTH_RATE_LIMITED": True,
        "AUTH_RATE_LIMIT": environment.get("LOGIN_RATE_LIMIT", "20 per minute"),
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=environment.positive("TOKEN_MINUTES", 60)),
        # Clocks of several machines are never quite the same: a token of one is not from the future to another.
        "JWT_DECODE_LEEWAY": timedelta(seconds=5),
        # 64 MiB a try; hashes of before, at half of that, stay good.
        "FAB_PASSWORD_HASH_METHOD": "scrypt:65536:8:1",
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
    most = environment.positive("WEB_MAX_REQUESTS", 10_000)
    return {
        "bind": environment.get("WEB_BIND", "127.0.0.1:8080"),
        "workers": environment.positive("WEB_WORKERS", 1),
        "threads": environment.positive("WEB_THREADS", 8),
        "timeout": environment.positive("WEB_TIMEOUT", 120),
        "graceful_timeout": environment.positive("WEB_GRACE", 60),
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


def _clamd(environment: Environment) -> str:
    """``/path`` of a socket or ``host:port``; empty: files are not checked for viruses."""
    written: str = environment.get("CLAMD_SOCKET", "").strip()
    place = written.removeprefix("unix:").removeprefix("tcp://")
    host, _colon, port = place.rpartition(":")
    if written and not (place.startswith("/") or (host and port.isdecimal() and 0 < int(port) < 65536)):
        raise WrongSetting(
            f"CLAMD_SOCKET must be such as unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310, not {written!r}"
        )
    return place


def _checkpoint_key(environment: Environment) -> str:
    """A file, or a key in a token; empty: a file in the instance."""
    written: str = environment.get("CHECKPOINT_KEY", "")
    if written.startswith("pkcs11:") and not ("module-path=" in written and "object=" in written):
        environment.wrong.append(
            "CHECKPOINT_KEY must be a file, or pkcs11:token=…;object=…?module-path=/…/lib.so&pin-source=/…/pin"
        )
    return written


def _anchor_mail(environment: Environment) -> str:
    written: str = environment.get("ANCHOR_MAIL", "").strip()
    name, _at, host = written.rpartition("@")
    if written and (not name or not host or any(letter.isspace() or letter in ",;<>" for letter in written)):
        raise WrongSetting(f"ANCHOR_MAIL must be one address such as auditor@example.co.id, not {written!r}")
    return written


def _anchor_bucket(environment: Environment) -> str:
    written: str = environment.get("ANCHOR_S3_URL", "")
    if written and not written.startswith("s3://"):
        raise WrongSetting(f"ANCHOR_S3_URL must begin with s3://bucket, not {written!r}")
    return storage_url(written, "ANCHOR_S3_URL") if written else ""


def _anchor_authority(environment: Environment) -> str:
    written: str = environment.get("ANCHOR_TSA_URL", "").strip()
    if written and not (urlsplit(written).scheme in ("http", "https") and urlsplit(written).hostname):
        raise WrongSetting(f"ANCHOR_TSA_URL must be an address such as https://tsa.example.id/, not {written!r}")
    return written


def _public_url(environment: Environment) -> str:
    """The address of the site, without a slash at its end."""
    written: str = environment.get("PUBLIC_URL", "").strip().rstrip("/")
    parts = urlsplit(written)
    if written and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise WrongSetting(f"PUBLIC_URL must be an address such as https://tuntas.example.id, not {written!r}")
    return written


def _names(written: str) -> frozenset[str]:
    """Between commas."""
    return frozenset(name.strip() for name in written.split(",") if name.strip())


def _hosts(environment: Environment, public: str) -> list[str]:
    """The names by which the site may be asked for; none: by any."""
    written: str = environment.get("TRUSTED_HOSTS", "")
    names = [one.strip().lower() for one in written.split(",") if one.strip()]
    if wrong := [one for one in names if not HOST.fullmatch(one)]:
        raise WrongSetting(f"TRUSTED_HOSTS must be names such as tuntas.example.id, not {', '.join(wrong)!r}")
    return sorted({*names, *filter(None, [urlsplit(public).hostname])})
