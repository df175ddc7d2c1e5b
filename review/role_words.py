"""Roles as the pages name them."""

from flask_babel import LazyString, lazy_gettext

from web.grants import Role

ROLE_WORDS: dict[Role, LazyString] = {
    "clinician": lazy_gettext("clinician"),
    "senior": lazy_gettext("senior clinician"),
    "administrator": lazy_gettext("administrator"),
    "auditor": lazy_gettext("auditor"),
    "analyst": lazy_gettext("analyst"),
}
