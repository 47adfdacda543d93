"""API keys: one's own, made and revoked; to admins those of everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.panel.account.confirm import recently_signed_in
from app.panel.admin.forms import PanelForm, TickChoices, trimmed
from app.services.accounts import keys
from app.services.core import clock
from app.services.core.access import sops_of
from app.services.core.errors import Refused
from app.services.core.formatting import moment
from app.sop import SOPS
from app.web.actor import current_actor
from app.web.hardening import locks_by_itself
from app.web.pages import PEOPLE, SYSTEM, Access, Page, admins, everyone

#: The choice of a key for all that its owner sees.
ALL = "*"
LIVES = {"30": _l("30 days"), "90": _l("90 days"), "180": _l("180 days"), "365": _l("one year")}


def offered() -> list[tuple[str, str]]:
    every: list[tuple[str, str]] = [(ALL, str(_("All that I may see, also what is no case")))]
    return every + [(sop.key, str(sop.label_plural)) for sop in sops_of(current_actor())]


class KeyForm(PanelForm):
    name = StringField(
        _l("Name"), [DataRequired(), Length(max=keys.LONGEST_NAME)], filters=[trimmed],
        description=_l("What it is for, such as the program that will use it."), render_kw={"autocomplete": "off"},
    )  # fmt: skip
    access = RadioField(
        _l("What it may do"), [DataRequired()], default=keys.READ,
        choices=[(keys.READ, _l("only read")), (keys.WRITE, _l("read and write, as far as I may"))],
    )  # fmt: skip
    sops = TickChoices(_l("What it sees"), [DataRequired(_l("Tick at least one."))], choices=offered)
    days = SelectField(_l("How long it works"), [DataRequired()], default="90", choices=list(LIVES.items()))

    @property
    def scope(self) -> keys.Scope:
        narrowed = None if ALL in self.sops.data else frozenset(self.sops.data)
        return keys.Scope(self.access.data == keys.WRITE, narrowed)


class KeysView(BaseView):
    route_base = "/keys"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> Response:
        return self._page(KeyForm(), 200)

    @expose("/", methods=["POST"])
    @has_access
    @recently_signed_in
    @locks_by_itself
    def make(self) -> Response:
        """Shows the key, this once."""
        form = KeyForm()
        if not form.validate_on_submit():
            return self._page(form, 422)
        ends = keys.end_of(clock.now() + timedelta(days=int(form.days.data)))
        try:
            made = keys.make(current_actor(), g.user.session_epoch, form.name.data, form.scope, ends)
        except Refused as refusal:
            form.name.errors = [refusal.message]
            return self._page(form, refusal.status)
        return self._page(KeyForm(formdata=None), 200, made.secret)

    @expose("/<uuid>/revoke", methods=["POST"])
    @has_access
    def revoke(self, uuid: str) -> Any:
        """Whoever it belongs to, or an admin, as ``services/accounts/keys.py`` sees to it."""
        keys.revoke(current_actor(), uuid)
        flash(_("The key is revoked and stops working at once."), "success")
        back = "AllKeysView.page" if request.form.get("back") == "all" else "KeysView.page"
        return redirect(url_for(back), 303)

    def _page(self, form: KeyForm, status: int, secret: str = "") -> Response:
        shown = self.render_template(
            "panel/account/keys.html", title=_("API keys"), form=form, keys=keys.own(current_actor()), secret=secret
        )
        response = current_app.make_response((shown, status))
        response.cache_control.no_store = True
        return response


class AllKeysView(BaseView):
    route_base = "/keys/all"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        return str(
            self.render_template("panel/account/keys_all.html", title=_("API keys of all"), keys=keys.everybodys())
        )


def scope_in_words(row: Any) -> str:
    scope = keys.scope_of(row.scopes)
    what = _("read and write") if scope.writes else _("only read")
    if scope.sops is None:
        return str(_("%(what)s, everything", what=what))
    named = [str(SOPS[key].label_plural) if key in SOPS else key for key in sorted(scope.sops)]
    listed = ", ".join(named) or _("nothing")
    return f"{what}: {listed}"


def used_in_words(row: Any) -> str:
    return moment(row.last_used_on.astimezone(clock.zone())) if row.last_used_on else str(_("not yet"))


def register(app: Flask) -> None:
    """What the templates of keys read."""
    app.jinja_env.globals["key_told"] = {
        "scope": scope_in_words, "used": used_in_words, "works": keys.works, "ends": keys.end_at,
    }  # fmt: skip


ACCESS = Access(KeysView, everyone)
PAGE = Page(
    AllKeysView, admins, key="api_keys", label=_l("API keys"), href="AllKeysView.page", category=SYSTEM, group=PEOPLE,
)  # fmt: skip
