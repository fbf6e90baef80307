"""Blind indexes begin with the name of their key: see comments.contacts."""

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import migrations

from comments.contacts import INDEX_LENGTH, KEY_NAME_LENGTH, key_name


def name_keys(apps, schema_editor):
    keys = list(settings.CONTACT_KEYS)
    names = {key: key_name(key) for key in keys}
    contacts = apps.get_model("comments", "Contact").objects
    for contact in contacts.only("ciphertext", "blind_index").iterator():
        key = next((key for key in keys if opens(key, bytes(contact.ciphertext))), None)
        # What no key opens can be found by none either.
        if key is not None:
            kept = contact.blind_index[: INDEX_LENGTH - KEY_NAME_LENGTH]
            contacts.filter(pk=contact.pk).update(blind_index=names[key] + kept)


def opens(key, sealed):
    try:
        Fernet(key).decrypt(sealed)
    except InvalidToken:
        return False
    return True


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_filter_mail_and_own_pages")]

    operations = [migrations.RunPython(name_keys, migrations.RunPython.noop)]
