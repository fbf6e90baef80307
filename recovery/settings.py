"""Every setting of the site. What the environment may say is listed in docs/configuration.md."""

from pathlib import Path
from urllib.parse import urlsplit

from recovery import environment, keys, listening

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where the site lives ------------------------------------------------------------------

DATA_DIR = keys.writable_folder(
    Path(environment.text("DATA_DIR", str(BASE_DIR / "var"))).absolute()
)
HOST = environment.host("HOST", "127.0.0.1")
PORT = environment.whole_number("PORT", 8000, low=1, high=65535)
# 0 means one worker for each core.
WEB_WORKERS = environment.whole_number("WEB_WORKERS", 0, low=0, high=256)

_here = environment.in_url(listening.from_here(HOST))
SITE_URL = environment.site_url("SITE_URL", f"http://{_here}:{PORT}")
_site_host = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS") or sorted(
    {environment.in_url(_site_host), environment.in_url(HOST), "localhost", "127.0.0.1", "[::1]"}
)
_https = SITE_URL.startswith("https://")

DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = keys.secret_key(DATA_DIR)
# How long a CDN in front may serve a public page without asking.
CDN_SECONDS = environment.whole_number("CDN_SECONDS", 0, low=0, high=86_400)

# --- Privacy and linkbacks -----------------------------------------------------------------

# Fernet keys for commenters' addresses, newest first: the first encrypts, all decrypt.
CONTACT_KEYS = keys.contact_keys(DATA_DIR)
# Only these may say, by X-Forwarded-For, for whom they speak.
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")
# Whether other sites are told of links to them: a copy on somebody's desk must not.
_sending = environment.one_of("LINKBACK_SENDING", "auto", ("auto", "on", "off"))
LINKBACK_SENDING = _sending == "on" or (
    _sending == "auto" and environment.is_public_name(_site_host)
)
# Exceptions to the guard on outgoing fetches, for tests and intranets.
LINKBACK_ALLOWED_NETWORKS = environment.networks("LINKBACK_ALLOWED_NETWORKS")
LINKBACK_ALLOWED_PORTS = environment.port_ranges("LINKBACK_ALLOWED_PORTS", "80,443")

# The WebSub hub that is told when a feed of articles has changed; none when empty.
WEBSUB_HUB = environment.web_address("WEBSUB_HUB")

# --- Applications --------------------------------------------------------------------------

INSTALLED_APPS = [
    "articles",
    "comments",
    "comments.linkbacks",
    "recovery",
    "crispy_forms",
    "django_tasks_db",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "recovery.middleware.PublicPageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "recovery.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "recovery.own_templates.StandardPageMiddleware",
]

ROOT_URLCONF = "recovery.urls"
WSGI_APPLICATION = "recovery.wsgi.application"

_CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "articles.context_processors.blog",
]
_STANDARD_LOADERS = [
    ("django.template.loaders.filesystem.Loader", [BASE_DIR / "templates"]),
    "django.template.loaders.app_directories.Loader",
]
# The owner's templates come first; a page that they break is made of the standard ones alone.
_own_loader = ("recovery.own_templates.Loader", [DATA_DIR / "templates"])
TEMPLATES = [
    {
        "NAME": name,
        "BACKEND": backend,
        "OPTIONS": {
            "context_processors": _CONTEXT_PROCESSORS,
            "loaders": [("django.template.loaders.cached.Loader", loaders)],
            # Every template has words in it.
            "builtins": ["django.templatetags.i18n"],
        },
    }
    for name, backend, loaders in (
        ("django", "recovery.own_templates.Templates", [_own_loader, *_STANDARD_LOADERS]),
        ("standard", "django.template.backends.django.DjangoTemplates", _STANDARD_LOADERS),
    )
]

CRISPY_ALLOWED_TEMPLATE_PACKS = ("recovery",)
CRISPY_TEMPLATE_PACK = "recovery"

# --- Database and background work ----------------------------------------------------------

_database = environment.database("DATABASE_URL", DATA_DIR / "recovery.sqlite3")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # Those that write queue: none is told “locked” because others were luckier.
    _database["ENGINE"] = "recovery.one_writer_sqlite3"
    # WAL lets readers go on while one writes. FULL: what was answered survives a power cut.
    # Immediate transactions take the write lock first, so that none fails half-way as "locked".
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # What is deleted is overwritten in the file, however this SQLite was compiled.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        ),
    }
else:
    _database["OPTIONS"] = {"connect_timeout": 5, **_database.get("OPTIONS", {})}
DATABASES = {"default": {**_database, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "recovery.task_queue.Backend"}}

# --- Mail ----------------------------------------------------------------------------------

vars().update(environment.email("EMAIL_URL"))
EMAIL_TIMEOUT = 20  # seconds: a silent mail server must not hold up the worker
# Nobody can be written to at a bare IP address.
_mail_host = "localhost" if environment.is_address(_site_host) else _site_host
DEFAULT_FROM_EMAIL = environment.sender("MAIL_FROM", f"noreply@{_mail_host}")

# --- Security ------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # what other sites live under the same domain is not ours to decide
    "security.W008",  # whoever ends TLS in front of the site redirects to it
    "security.W021",  # preloading is the domain owner's step
]
# Named as in Django 6, whose own middleware replaces ours.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "https:", "data:"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}

# --- Language, time, files -----------------------------------------------------------------

# Not LANGUAGE, by which gettext's own programs choose theirs: many systems set that for everybody.
LANGUAGES = (("de", "Deutsch"), ("en", "English"))
LANGUAGE_CODE = environment.one_of("SITE_LANGUAGE", "en", tuple(code for code, _ in LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "recovery.formats"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = keys.writable_folder(DATA_DIR / "static")
# `serve` collects the files under names that change with their content and may be cached for ever, and
# says so to its children; every other command reads the files where they are written.
_collected = environment.flag("STATIC_COLLECTED", default=False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or not _collected
# Nobody else has a use for them, and each answer would say so.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Logging -------------------------------------------------------------------------------

DEFAULT_EXCEPTION_REPORTER_FILTER = "recovery.logs.AlwaysCareful"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {
        "news": {"()": "recovery.logs.News"},
        "discretion": {"()": "recovery.logs.Discretion"},
        "brevity": {"()": "recovery.logs.Brevity"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["brevity"],
        },
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # Mails to ADMINS could carry what readers typed: the console is the only place.
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Whoever tries names that are not the site's gets a 400; a traceback for each would fill the disk.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.request": {"filters": ["news", "discretion"]},
        # Strangers' servers answer with nonsense: a traceback for each would fill the disk.
        "urllib3": {"level": "ERROR"},
    },
}
