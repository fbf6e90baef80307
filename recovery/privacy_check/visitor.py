"""Somebody who asks the site's own WSGI application, and sees every byte of what it answers."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode, urljoin, urlsplit
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore

from recovery.privacy_check.page_forms import Fields, PageForm, forms_of
from recovery.wsgi import application

FORM = "application/x-www-form-urlencoded"
_LINK = re.compile(r"""<(?:a|form)\b[^>]*?\s(?:href|action)=["']([^"']*)""")


@dataclass(frozen=True)
class Answer:
    """What the site answered: every header as it goes over the wire, and the body."""

    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def raw(self) -> bytes:
        """The headers and the body, one after the other."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return head.encode("latin-1") + b"\r\n" + self.body

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def links(self) -> Iterator[str]:
        """Return the paths, with their queries, of the site's own pages that this one leads to."""
        targets = [*map(unescape, _LINK.findall(self.text)), self.header("Location")]
        for target in filter(None, targets):
            parts = urlsplit(urljoin(settings.SITE_URL + self.path, target))
            if f"{parts.scheme}://{parts.netloc}" == settings.SITE_URL:
                yield parts._replace(scheme="", netloc="", fragment="").geturl()

    def forms(self) -> list[PageForm]:
        """Return the forms to POST that the page holds, their targets as paths of the site."""
        found = forms_of(self.text)
        for form in found:
            form.action = urlsplit(urljoin(settings.SITE_URL + self.path, form.action)).path
        return found

    def form_with(self, button: tuple[str, str]) -> PageForm:
        """Return the form with this button, by its name and value; an empty one if there is none."""
        return next((form for form in self.forms() if button in form.buttons), PageForm(self.path))

    @property
    def csrf_token(self) -> str:
        """Return the proof against forged posts that stands in a form of the page."""
        fields = (dict(form.fields) for form in self.forms())
        tokens = (
            found["csrfmiddlewaretoken"] for found in fields if "csrfmiddlewaretoken" in found
        )
        return next(tokens, "")

    def form_to(self, path: str) -> PageForm:
        """Return the form that is posted to this path; an empty one if the page has none."""
        return next((form for form in self.forms() if form.action == path), PageForm(path))


@dataclass
class Visitor:
    """A browser at this network address, which keeps cookies; ``tell`` gets every answer to it."""

    role: str
    tell: Callable[[str, str, Answer], None]
    address: str
    browser: str
    # What its proxy adds to each request (PEP 3333).
    environ: Mapping[str, str] = field(default_factory=dict)
    cookies: SimpleCookie = field(default_factory=SimpleCookie)

    def sign_in(self, user: User) -> None:
        """Have a session of this user from now on."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        self.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)

    def get(self, path: str, **environ: Any) -> Answer:
        return self.ask("GET", path, **environ)

    def post(self, path: str, fields: Fields, **environ: Any) -> Answer:
        """Post a form as a page of the site itself does."""
        body = urlencode(fields).encode()
        return self.ask("POST", path, body, **{"HTTP_SEC_FETCH_SITE": "same-origin", **environ})

    def ask(self, method: str, path: str, body: bytes = b"", **environ: Any) -> Answer:
        """Ask for a path with its query; ``environ`` is added to the request's own (PEP 3333)."""
        started: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            started.update(status=int(status[:3]), headers=tuple(headers))
            return lambda _: None

        request = {**self._environ(method, path, body), **self.environ, **environ}
        # Answers close their files and connections when they are closed.
        with closing(_Closable(application(request, start))) as parts:
            content = b"".join(parts.iterable)
        for name, value in started["headers"]:
            if name.lower() == "set-cookie":
                self.cookies.load(value)
        answer = Answer(path, started["status"], started["headers"], content)
        self.tell(self.role, method, answer)
        return answer

    def _environ(self, method: str, path: str, body: bytes) -> WSGIEnvironment:
        parts, site = urlsplit(path), urlsplit(settings.SITE_URL)
        return {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": FORM,
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": self.address,
            "SERVER_NAME": site.hostname or "",
            "SERVER_PORT": str(site.port or 80),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": site.netloc,
            "HTTP_USER_AGENT": self.browser,
            "HTTP_ACCEPT": "text/html,*/*;q=0.8",
            "HTTP_COOKIE": "; ".join(f"{k}={v.coded_value}" for k, v in self.cookies.items()),
            "HTTP_REFERER": settings.SITE_URL + parts.path,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": site.scheme,
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }


class _Closable:
    """What a WSGI application returns, which may or may not want to be closed."""

    def __init__(self, iterable: Any) -> None:
        self.iterable = iterable

    def close(self) -> None:
        getattr(self.iterable, "close", lambda: None)()
