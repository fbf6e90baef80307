"""The site's own settings, with an environment that tests can rely on."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="recovery-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

os.environ["DATA_DIR"] = _folder
for _name in (
    "HOST",
    "PORT",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "DEBUG",
    "SITE_LANGUAGE",
    "CDN_SECONDS",
    "STATIC_COLLECTED",
    "SECRET_KEY",
    "CONTACT_KEYS",
    "EMAIL_URL",
    "MAIL_FROM",
):
    os.environ.pop(_name, None)
for _name in (
    "TRUSTED_PROXIES",
    "LINKBACK_SENDING",
    "LINKBACK_ALLOWED_NETWORKS",
    "LINKBACK_ALLOWED_PORTS",
    "WEBSUB_HUB",
):
    os.environ.pop(_name, None)

from recovery.settings import *  # noqa: E402, F403
from recovery.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: what happens at the same time must meet a real database.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_folder, "test.sqlite3")}
    _options = DATABASES["default"]["OPTIONS"]
    _options["init_command"] = _options["init_command"].replace(
        "synchronous=FULL", "synchronous=OFF"
    )

# Passwords in tests protect nothing.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
