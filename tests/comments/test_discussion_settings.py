"""The form with the rules of the conversation holds every rule there is."""

import re

import pytest

from comments.models import DiscussionSettings

FORM = "/admin/comments/discussionsettings/1/change/"


def shown(page: str) -> dict[str, str]:
    """Return the fields of the form with their values."""
    found = re.findall(r'<input type="(\w+)" name="(\w+)"(?: value="([^"]*)")?([^>]*)>', page)
    fields = {name: value for kind, name, value, _ in found if kind == "number"}
    ticked = {
        name: "on" for kind, name, _, rest in found if kind == "checkbox" and "checked" in rest
    }
    return fields | ticked | dict(re.findall(r'<textarea name="(\w+)"[^>]*>\s*([^<]*)</', page))


@pytest.mark.django_db
def test_every_rule_can_be_changed(admin_client):
    page = admin_client.get(FORM).content.decode()
    rules = [field.name for field in DiscussionSettings._meta.fields if field.editable]
    missing = [name for name in rules if name != "id" and f'name="{name}"' not in page]
    assert missing == []


@pytest.mark.django_db
def test_the_filter_mail_and_erasure_are_switched_there(admin_client):
    typed = shown(admin_client.get(FORM).content.decode())
    assert (typed["filter_enabled"], typed["erase_contacts_after_days"]) == ("on", "90")
    changed = {**typed, "erase_contacts_after_days": "14"}
    del changed["filter_enabled"], changed["reply_notices_enabled"]
    assert admin_client.post(FORM, changed).status_code == 302
    rules = DiscussionSettings.current()
    assert (rules.filter_enabled, rules.reply_notices_enabled) == (False, False)
    assert (rules.erase_contacts_after_days, rules.hold_first_time_authors) == (14, True)
