"""The settings of directories: what can't be right is told at once; no password goes over a network in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import WrongSetting, read

LDAP = {
    "LDAP_URL": "ldap://direktori.example.id", "LDAP_BASE": "ou=people,dc=example,dc=id",
    "LDAP_GROUPS": r"cn=cs,ou=groups,dc=example,dc=id=CS; cn=a\;b,dc=id=Legal Litigasi 1",
}  # fmt: skip
OIDC = {
    "OIDC_ISSUER": "https://masuk.example.id", "OIDC_CLIENT_ID": "tuntas", "OIDC_CLIENT_SECRET": "rahasia",
    "OIDC_ROLES": "groups: /cs=CS; a=b=Admin; c\\;d=QC", "PUBLIC_URL": "https://tuntas.example.id",
}  # fmt: skip


def wrong(tmp_path: Path, **said: str) -> list[str]:
    """The names of the settings that are told to be wrong."""
    with pytest.raises(WrongSetting) as refused:
        read({"INSTANCE_PATH": str(tmp_path)} | said)
    assert "rahasia" not in str(refused.value)
    return [line.split()[0] for line in str(refused.value).splitlines()]


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("ldap://direktori.example.id", 389, "starttls"),
        ("ldap://10.0.0.5:1389", 1389, "starttls"),
        ("ldaps://direktori.example.id", 636, "always"),
        ("ldap://127.0.0.1", 389, "none"),
        ("ldap://[::1]:389", 389, "none"),
        ("ldap://localhost", 389, "none"),
        ("ldap://localhost.example.id", 389, "starttls"),
    ],
)
def test_only_to_this_machine_a_password_goes_in_the_clear(tmp_path: Path, url: str, port: int, tls: str) -> None:
    made = read({"INSTANCE_PATH": str(tmp_path)} | LDAP | {"LDAP_URL": url})["LDAP"]
    assert (made.port, made.tls) == (port, tls)


def test_what_groups_give(tmp_path: Path) -> None:
    settings = read({"INSTANCE_PATH": str(tmp_path)} | LDAP | OIDC)
    assert settings["LDAP"].groups == (
        ("cn=cs,ou=groups,dc=example,dc=id", "CS"),
        (r"cn=a\;b,dc=id", "Legal Litigasi 1"),
    )
    assert settings["OIDC"].groups == (("/cs", "CS"), ("a=b", "Admin"), ("c;d", "QC"))
    assert (settings["OIDC"].claim, settings["OIDC"].label) == ("groups", "Single Sign-On")
    assert "rahasia" not in repr(settings["OIDC"])


@pytest.mark.parametrize(
    "said",
    [
        {"LDAP_URL": "http://direktori.example.id"}, {"LDAP_URL": "ldap://cn=admin:rahasia@direktori.example.id"},
        {"LDAP_URL": "ldap://direktori.example.id/dc=id"}, {"LDAP_URL": "ldap://direktori.example.id:x"},
        {"LDAP_BASE": ""}, {"LDAP_BASE": "people"}, {"LDAP_GROUPS": ""}, {"LDAP_GROUPS": "cs=CS=; x"},
        {"LDAP_FILTER": "(uid=*)"}, {"LDAP_FILTER": "uid={name}"}, {"LDAP_CA": "/nowhere/ca.pem"},
        {"LDAP_BIND_DN": "cn=admin,dc=id"}, {"LDAP_BIND_DN": "admin", "LDAP_BIND_PASSWORD": "rahasia"},
    ],
)  # fmt: skip
def test_wrong_ones_of_ldap(tmp_path: Path, said: dict[str, str]) -> None:
    assert wrong(tmp_path, **(LDAP | said)) == [next(iter(said))]


@pytest.mark.parametrize(
    "said",
    [
        {"OIDC_ISSUER": "http://masuk.example.id"}, {"OIDC_ISSUER": "masuk.example.id"},
        {"OIDC_ISSUER": "https://masuk.example.id/?a=b"}, {"OIDC_CLIENT_ID": ""}, {"OIDC_CLIENT_SECRET": ""},
        {"OIDC_ROLES": ""}, {"OIDC_ROLES": "groups"}, {"OIDC_ROLES": "groups: cs"}, {"PUBLIC_URL": ""},
    ],
)  # fmt: skip
def test_wrong_ones_of_openid_connect(tmp_path: Path, said: dict[str, str]) -> None:
    assert wrong(tmp_path, **(OIDC | said)) == [next(iter(said))]


def test_all_of_them_are_told_at_once(tmp_path: Path) -> None:
    said = {"LDAP_URL": "x", "OIDC_ISSUER": "x", "CLAMD_SOCKET": "x", "CLAMD_AWAY": "x", "REFUSE_ACTIVE_CONTENT": "x"}
    told = wrong(tmp_path, **said)
    assert set(said) <= set(told)
    assert {"LDAP_BASE", "LDAP_GROUPS", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES", "PUBLIC_URL"} <= set(told)


@pytest.mark.parametrize(
    ("written", "place"),
    [("unix:/run/clamd.ctl", "/run/clamd.ctl"), ("/run/clamd.ctl", "/run/clamd.ctl"),
     ("tcp://[::1]:3310", "[::1]:3310"), ("127.0.0.1:3310", "127.0.0.1:3310")],
)  # fmt: skip
def test_where_clamd_is(tmp_path: Path, written: str, place: str) -> None:
    assert read({"INSTANCE_PATH": str(tmp_path), "CLAMD_SOCKET": written})["CLAMD_SOCKET"] == place
