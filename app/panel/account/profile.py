"""The fields of a name, which admins alone change: others read it in histories."""

from __future__ import annotations

from flask_appbuilder.security import views as fab
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.panel.admin.forms import PanelForm, trimmed
from app.web.pages import Access, everyone


class NameForm(PanelForm):
    first_name = StringField(_l("First name"), [DataRequired(), Length(max=64)], filters=[trimmed])
    # Many Indonesians have one name, which is their first. The database has no NULL here.
    last_name = StringField(_l("Last name"), [Length(max=64)], filters=[trimmed], default="")


class UserInfoEditView(fab.UserInfoEditView):
    """No pages: nobody names themselves."""

    include_route_methods: set[str] = set()


BUILT_IN = (Access(UserInfoEditView, everyone, built_in=True),)
