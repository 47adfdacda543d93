"""One's own name."""

from __future__ import annotations

from flask import g
from flask_appbuilder.security import views as fab
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.panel.account.look import AccountPage
from app.panel.admin.forms import PanelForm, trimmed
from app.services.accounts import names
from app.web.pages import Access, everyone


class NameForm(PanelForm):
    first_name = StringField(_l("First name"), [DataRequired(), Length(max=64)], filters=[trimmed])
    # Many Indonesians have one name, which is their first. The database has no NULL here.
    last_name = StringField(_l("Last name"), [Length(max=64)], filters=[trimmed], default="")


class OwnNameForm(NameForm):
    """Others read this name in histories; two people who share theirs were named by an admin."""

    def validate_first_name(self, field: StringField) -> None:
        if names.looks_taken(field.data or "", self.last_name.data or "", g.user.id):
            raise ValidationError(_("Another user has this name already. An admin can give it to you all the same."))


class UserInfoEditView(AccountPage, fab.UserInfoEditView):
    form = OwnNameForm
    form_title = _l("Edit your profile")
    message = _l("Your profile is changed.")


BUILT_IN = (Access(UserInfoEditView, everyone, built_in=True),)
