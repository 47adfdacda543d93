"""People whom a directory knows: an LDAP server, or a provider of OpenID Connect. It tells that they are who they say,
what they are called and which roles they have; what those roles may do, the SOPs say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.models.people import LDAP, OIDC
from environment import WrongSetting


def check(settings: Mapping[str, Any], roles: Collection[str]) -> None:
    """Raises ``WrongSetting`` with a line for each mapping to a role that no SOP declares."""
    wrong = []
    for name, directory in (("LDAP_GROUPS", settings["LDAP"]), ("OIDC_ROLES", settings["OIDC"])):
        if directory and (unknown := directory.roles - set(roles)):
            wrong.append(f"{name}: there is no role {', '.join(sorted(unknown))}, only {', '.join(sorted(roles))}")
    if wrong:
        raise WrongSetting("\n".join(wrong))


def origins(settings: Mapping[str, Any]) -> list[str]:
    """The directories that the settings name."""
    return [key for key in (LDAP, OIDC) if settings[key.upper()]]
