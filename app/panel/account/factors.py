"""The page "Account security": one's second factors and recovery codes; and an admin's, which resets somebody's."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, flash, g, make_response, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.extensions import db
from app.models import User
from app.models.second_factor import PASSKEY, TOTP
from app.panel.account import challenges
from app.panel.account.confirm import recently_signed_in
from app.panel.account.passwords import whose_session
from app.services.accounts.factors import enrolled, passkeys, recovery, required, totp
from app.services.core.access import LARGEST_KEY
from app.services.core.errors import Conflict, Forbidden
from app.web.actor import SECOND, current_actor
from app.web.pages import Access, admins, everyone
from app.web.recent import mark_recent
from app.web.second_factor import lacks_one
from app.web.sessions import present

#: In the session: the secret of an app that is being set up, sealed.
BEGUN = "totp"
#: For what a challenge is asked.
ENROL = "enrol"
TITLE = _l("Account security")


class SecondFactorView(BaseView):
    route_base = "/account-security"
    default_view = "page"
    limits = [Limit(lambda: str(current_app.config["AUTH_RATE_LIMIT"]), whose_session, methods=("POST",))]

    @expose("/", methods=["GET"])
    @has_access
    def page(self) -> str:
        found = enrolled.of(g.user.id)
        return self._render(
            "factors", title=TITLE, factors=found, labels=enrolled.LABELS, left=enrolled.codes_left(g.user.id),
            required=required.of(current_actor()), passkeys_work=challenges.relying_party() is not None,
            most=recovery.COUNT,
        )  # fmt: skip

    @expose("/totp", methods=["GET"])
    @has_access
    @recently_signed_in
    def app(self) -> Response:
        """The secret of an authenticator app, as a QR code and in letters."""
        return self._app()

    @expose("/totp", methods=["POST"])
    @has_access
    @recently_signed_in
    def confirm_app(self) -> Any:
        """Kept once a code of it shows that the app has it."""
        secret = totp.secret_of(session.get(BEGUN, ""), g.user.id)
        if secret is None:
            return self._app(_("This took too long. Please set up the app with this new code."))
        name = request.form.get("name", "").strip() or str(enrolled.LABELS[TOTP])
        codes = totp.confirm(current_actor(), secret, request.form.get("code", "")[:100], name, present())
        if codes is None:
            return self._app(_("This code is wrong. Please enter the one that the app shows now."), name)
        session.pop(BEGUN)
        return self._added(codes)

    @expose("/passkey", methods=["GET"])
    @has_access
    @recently_signed_in
    def new_passkey(self) -> str:
        if challenges.relying_party() is None:
            raise Conflict(_("Passkeys need an address with a name, not with numbers alone."))
        return self._render("passkey", title=_("Set up a passkey"), name=str(enrolled.LABELS[PASSKEY]))

    @expose("/passkey/options", methods=["POST"])
    @has_access
    @recently_signed_in
    def question(self) -> Response:
        party = challenges.relying_party() or abort(404)
        account = passkeys.Account(g.user.id, g.user.username, g.user.get_full_name() or g.user.username)
        return challenges.asked(ENROL, *passkeys.to_make(party, account))

    @expose("/passkey", methods=["POST"])
    @has_access
    @recently_signed_in
    def keep_passkey(self) -> Any:
        party, challenge = challenges.relying_party(), challenges.taken(ENROL)
        if party is None or challenge is None:
            flash(_("This took too long. Please try again."), "warning")
            return redirect(url_for(".new_passkey"))
        name = request.form.get("name", "").strip() or str(enrolled.LABELS[PASSKEY])
        answer = request.form.get("credential", "")
        return self._added(passkeys.keep(current_actor(), party, challenge, answer, name, present()))

    @expose("/<int:pk>/name", methods=["POST"])
    @has_access
    def rename(self, pk: int) -> Any:
        enrolled.rename(current_actor(), pk, request.form.get("name", ""))
        return redirect(url_for(".page"))

    @expose("/<int:pk>/remove", methods=["POST"])
    @has_access
    @recently_signed_in
    def remove(self, pk: int) -> Any:
        enrolled.remove(current_actor(), pk)
        flash(_("The second factor is removed."), "success")
        return redirect(url_for(".page"))

    @expose("/recovery-codes", methods=["POST"])
    @has_access
    @recently_signed_in
    def new_codes(self) -> Response:
        if not enrolled.has_any(g.user.id):
            raise Conflict(_("Recovery codes come with a second factor. Please set one up first."))
        return self._codes(recovery.make(current_actor()))

    def _app(self, wrong: str = "", name: str = "") -> Response:
        secret = totp.secret_of(session.get(BEGUN, ""), g.user.id)
        if secret is None:
            session[BEGUN] = totp.begin(g.user.id)
            secret = totp.secret_of(session[BEGUN], g.user.id) or ""
        drawing = Markup(totp.drawing(totp.address(secret, g.user.username)))  # noqa: S704 - segno's own
        spelled = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        page = self._render(
            "totp", title=_("Set up an authenticator app"), drawing=drawing, secret=spelled, wrong=wrong,
            name=name or str(enrolled.LABELS[TOTP]),
        )  # fmt: skip
        return _unkept(page)

    def _added(self, codes: list[str]) -> Any:
        """``codes``: those that came with a first factor."""
        session[SECOND] = True
        if not codes:
            flash(_("The second factor is set up."), "success")
            return redirect(url_for(".page"))
        # The other sessions have ended with it, this one goes on.
        mark_recent(db.session.get_one(User, g.user.id))
        flash(_("Your second factor is set up. Your other sessions have ended."), "success")
        return self._codes(codes)

    def _codes(self, codes: list[str]) -> Response:
        return _unkept(self._render("recovery_codes", title=_("Recovery codes"), codes=codes))

    def _render(self, template: str, **values: Any) -> str:
        """``lacking``: there is nothing else for them yet, so the page has no menu."""
        return str(self.render_template(f"panel/account/{template}.html", lacking=lacks_one(), **values))


class SecondFactorResetView(BaseView):
    route_base = "/second-factors"
    default_view = "page"

    @expose("/<int:pk>", methods=["GET"])
    @has_access
    def page(self, pk: int) -> str:
        user = _somebody(pk)
        return str(
            self.render_template(
                "panel/account/reset_factors.html", title=_("Second factors of %(name)s", name=user.get_full_name()),
                user=user, factors=enrolled.of(pk), labels=enrolled.LABELS, left=enrolled.codes_left(pk),
            )
        )  # fmt: skip

    @expose("/<int:pk>/reset", methods=["POST"])
    @has_access
    @recently_signed_in
    def reset(self, pk: int) -> Any:
        user = _somebody(pk)
        name = user.get_full_name()
        if pk == g.user.id:
            raise Forbidden(_("Your own second factors you keep under “Account security”."))
        enrolled.reset(current_actor(), pk)
        flash(
            _("The second factors of %(name)s are reset; their sessions and API keys have ended.", name=name), "success"
        )
        return redirect(url_for("UserDBModelView.show", pk=pk))


def _somebody(pk: int) -> Any:
    return (0 < pk <= LARGEST_KEY and db.session.get(User, pk)) or abort(404)


def _unkept(page: str) -> Response:
    answer = make_response(page)
    answer.cache_control.no_store = True
    return answer


ACCESSES = (Access(SecondFactorView, everyone), Access(SecondFactorResetView, admins))
