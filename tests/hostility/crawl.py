"""Every address of the product, from its URL map, with what is really there in place of the parameters."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import AnyConverter, Rule

from app.extensions import db
from app.models import Case, Document, Export
from app.sop import SOPS
from tests.cast import PASSWORD

#: Ends a session, or answers for ever.
LEFT_OUT = frozenset({"AuthDBView.logout"})
SOP = re.compile(rf"/(?:{'|'.join(SOPS)})/")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Site:
    """A filled deployment and who asks it: nobody, or a user by name."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.cases = {sop: db.session.scalars(select(Case.id).where(Case.sop == sop)).first() for sop in SOPS}
            self.documents = {
                sop: db.session.execute(
                    select(Document.case_id, Document.id).join(Case, Case.id == Document.case_id).where(Case.sop == sop)
                ).first()
                for sop in SOPS
            }
            self.export = db.session.scalars(select(Export.id)).first() or 1
            db.session.remove()

    def client(self, name: str | None) -> FlaskClient:
        client = self.app.test_client()
        if name:
            answer = client.post("/login/", data={"username": name, "password": PASSWORD})
            assert answer.status_code == 302, answer.text
        return client

    def rules(self, method: str) -> list[Rule]:
        known = [rule for rule in self.app.url_map.iter_rules() if method in (rule.methods or ())]
        return sorted((rule for rule in known if rule.endpoint not in LEFT_OUT), key=lambda rule: rule.rule)

    def one_of_each(self, method: str, seed: object) -> list[Rule]:
        """The same, but of the SOPs' own addresses each at one SOP alone: they are made from one class."""
        alike: dict[str, list[Rule]] = {}
        for rule in self.rules(method):
            alike.setdefault(SOP.sub("/…/", rule.rule), []).append(rule)
        return [random.Random(f"{seed} {path}").choice(found) for path, found in alike.items()]

    def there(self, rule: Rule) -> dict[str, Any]:
        """What is really there, by the names of the rule's parameters."""
        return {name: self._one(rule, name) for name in rule.arguments}

    def address(self, rule: Rule, values: dict[str, Any]) -> str:
        with self.app.test_request_context():
            built = rule.build(values)
        assert built is not None, (rule.rule, values)
        return str(built[1])

    def addresses(self, method: str = "GET", seed: object = "") -> Iterator[str]:
        """Of each form of address one."""
        for rule in self.one_of_each(method, seed):
            yield self.address(rule, self.there(rule))

    def _one(self, rule: Rule, name: str) -> Any:
        sop = next((key for key in SOPS if f"/{key}/" in rule.rule), next(iter(SOPS)))
        document = self.documents[sop]
        converter = rule._converters[name]
        if isinstance(converter, AnyConverter):
            return sorted(converter.items)[0]
        if name in ("document", "doc") and document:
            return document.id
        if name == "pk" and "documents/<" in rule.rule and document:
            return document.case_id
        if name == "pk" and ("downloads" in rule.rule):
            return self.export
        if name == "pk" and sop in rule.rule:
            return self.cases[sop] or 1
        step = next(t.key for t in SOPS[sop].transitions if not t.creates)
        known = {
            "sop": sop, "sop_key": sop, "figure": "open", "records": "contacts", "step": step, "version": "v1",
            "locale": "id", "filename": "css/ab.css", "secret": "unknown", "key_uuid": "unknown",
        }  # fmt: skip
        if name == "key":
            return step if "/do/" in rule.rule or "actions" in rule.rule else self._key(rule)
        return known.get(name, 1)

    def _key(self, rule: Rule) -> str:
        if "reports" in rule.rule:
            return "cases"
        return next(key for key, sop in SOPS.items() if sop.public) if "public" in rule.rule else next(iter(SOPS))
