"""Debian's slapd with a folder and a port of its own: a few people in a few groups, and a certificate."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ldap3 import MODIFY_REPLACE, NONE, Connection, Server

from tests.test_run import free_port

PROGRAM, FILLER = Path("/usr/sbin/slapd"), Path("/usr/sbin/slapadd")
SUFFIX = "dc=contoh,dc=example"
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
ADMIN, SECRET = f"cn=admin,{SUFFIX}", "rahasia direktori"
PASSWORD = "kata sandi direktori"
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
argsfile {folder}/args
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
disallow bind_anon
sizelimit 50
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw "{secret}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{admin}" write by * none
"""
BEGINNING = """
dn: {suffix}
objectClass: domain
dc: contoh

dn: {people}
objectClass: organizationalUnit
ou: people

dn: {groups}
objectClass: organizationalUnit
ou: groups
"""
PERSON = """
dn: uid={uid},{people}
objectClass: inetOrgPerson
uid: {uid}
cn: {first} {last}
givenName: {first}
sn: {last}
{mail}userPassword: {password}
"""
GROUP = """
dn: cn={name},{groups}
objectClass: groupOfNames
cn: {name}
"""
UNIX_GROUP = """
dn: cn={name},{groups}
objectClass: posixGroup
cn: {name}
gidNumber: {number}
"""
#: First and last name by what people type; who has no mail is left out of ``MAILS``.
NAMES = {
    "budi": ("Budi", "Santoso"), "siti": ("Siti", "Aminah"), "joko": ("Joko", "Widodo"), "rina": ("Rina", "Tanpa-Grup"),
    "legal": ("Lukas", "Hukum"), "tono": ("Tono", "Unix"), "cs": ("Palsu", "Kembar"),
}  # fmt: skip
MEMBERS = {"cs": ["budi", "joko", "cs"], "admins": ["siti"], "hukum": ["legal", "joko"], "kantin": ["rina"]}
UNIX_MEMBERS = {"unix": ["tono"]}


class Slapd:
    def __init__(self, port: int, tls_port: int, ca: Path) -> None:
        self.port, self.tls_port, self.ca = port, tls_port, ca

    def settings(self, **more: str) -> dict[str, str]:
        """As the environment has them."""
        groups = {"cs": "CS", "admins": "Admin", "hukum": "Legal Litigasi 1", "unix": "QC", "tidak-ada": "COO"}
        return {
            "LDAP_URL": f"ldap://127.0.0.1:{self.port}",
            "LDAP_BIND_DN": ADMIN,
            "LDAP_BIND_PASSWORD": SECRET,
            "LDAP_BASE": PEOPLE,
            "LDAP_GROUPS": "; ".join(f"cn={name},{GROUPS}={role}" for name, role in groups.items()),
        } | more

    def put_into(self, group: str, *people: str) -> None:
        """They are its members, and nobody else."""
        self.change(f"cn={group},{GROUPS}", member=[f"uid={one},{PEOPLE}" for one in people])

    def change(self, dn: str, **values: list[str]) -> None:
        with self._inside() as server:
            assert server.modify(dn, {name: [(MODIFY_REPLACE, said)] for name, said in values.items()}), server.result

    def add(self, uid: str, first: str = "Baru", last: str = "Orang", **more: str) -> None:
        said = {"uid": uid, "cn": f"{first} {last}", "givenName": first, "sn": last, "userPassword": PASSWORD} | more
        with self._inside() as server:
            assert server.add(f"uid={uid},{PEOPLE}", "inetOrgPerson", said), server.result

    def remove(self, uid: str) -> None:
        with self._inside() as server:
            assert server.delete(f"uid={uid},{PEOPLE}"), server.result

    def _inside(self) -> Connection:
        server = Server("127.0.0.1", self.port, get_info=NONE)
        return Connection(server, ADMIN, SECRET, auto_bind=True)


@contextmanager
def running() -> Iterator[Slapd]:
    """Raises ``FileNotFoundError`` where there is none."""
    if not PROGRAM.exists():
        raise FileNotFoundError(PROGRAM)
    folder = Path(tempfile.mkdtemp(prefix="slapd-"))
    (folder / "data").mkdir()
    ca = _certificate(folder)
    port, tls_port = free_port(), free_port()
    config = folder / "slapd.conf"
    config.write_text(CONFIG.format(folder=folder, suffix=SUFFIX, admin=ADMIN, secret=SECRET))
    (folder / "all.ldif").write_text(_ldif())
    subprocess.run([FILLER, "-f", config, "-l", folder / "all.ldif"], check=True, capture_output=True, text=True)
    urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}"
    with (folder / "log").open("w") as said:
        server = subprocess.Popen([PROGRAM, "-f", config, "-h", urls, "-d", "0"], stdout=said, stderr=said)
    try:
        _answers(server, port, folder / "log")
        yield Slapd(port, tls_port, ca)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _ldif() -> str:
    said = [BEGINNING.format(suffix=SUFFIX, people=PEOPLE, groups=GROUPS)]
    for uid, (first, last) in NAMES.items():
        mail = "" if uid == "tono" else f"mail: {uid}@contoh.example\n"
        said.append(PERSON.format(uid=uid, first=first, last=last, people=PEOPLE, mail=mail, password=PASSWORD))
    for name, members in MEMBERS.items():
        listed = "".join(f"member: uid={one},{PEOPLE}\n" for one in members)
        said.append(GROUP.format(name=name, groups=GROUPS) + listed)
    for number, (name, members) in enumerate(UNIX_MEMBERS.items(), 5000):
        listed = "".join(f"memberUid: {one}\n" for one in members)
        said.append(UNIX_GROUP.format(name=name, groups=GROUPS, number=number) + listed)
    return "".join(said)


def _certificate(folder: Path) -> Path:
    """Of the server, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "slapd of the tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # OpenSSL looks at another clock than the tests'.
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2090, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
    return folder / "certificate.pem"


def _answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _try in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
    raise AssertionError(f"slapd does not start: {log.read_text()}")
