"""What the environment may say, and the one sentence that answers nonsense."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from recovery import environment, keys

ROOT = Path(__file__).resolve().parent.parent


def site_url(value, monkeypatch):
    monkeypatch.setenv("SITE_URL", value)
    return environment.site_url("SITE_URL", "http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", "http://127.0.0.1:8000"),
        ("https://blog.example.org/", "https://blog.example.org"),
        ("HTTPS://Blog.Example.ORG", "https://blog.example.org"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://blog_1.internal:81", "http://blog_1.internal:81"),
    ],
)
def test_site_url(value, address, monkeypatch):
    assert site_url(value, monkeypatch) == address


@pytest.mark.parametrize("value", ["", "https://hub.example/", "http://hub.example:81/a?b=c&d"])
def test_web_address(value, monkeypatch):
    monkeypatch.setenv("WEBSUB_HUB", value)
    assert environment.web_address("WEBSUB_HUB") == value


@pytest.mark.parametrize(
    "value",
    [
        "hub.example", "ftp://hub.example/", "https://", "https://[", "https://me:word@hub.example/",
        "https://hub.example:0/", "https://hub.example:x/", "https://hub.example/>; rel=x", "https://hüb.example/",
    ],
)  # fmt: skip
def test_nonsense_as_web_address(value, monkeypatch):
    monkeypatch.setenv("WEBSUB_HUB", value)
    with pytest.raises(ImproperlyConfigured, match=r"^WEBSUB_HUB is “.*”, but it should be"):
        environment.web_address("WEBSUB_HUB")


@pytest.mark.parametrize(
    "value",
    [
        "blog.example.org",
        "ftp://blog.example.org",
        "https://",
        "https://blog.example.org/path",
        "https://blog.example.org?query",
        "https://blog.example.org#fragment",
        "https://user:word@blog.example.org",
        "https://blog.example.org:99999",
        "https://blog.example.org:0",
        "https://blog.example.org:abc",
        "https://blog example.org",
        "https://blog\\.example.org",
        "https://blog\n.example.org",
        "https://-blog.example.org",
        "https://blog..example.org",
        'https://"blog"',
        "http://[::1",
        "http://[1.2.3.4]",
    ],
)
def test_nonsense_as_site_url(value, monkeypatch):
    with pytest.raises(ImproperlyConfigured, match=r"^SITE_URL is “.*”, but it should be"):
        site_url(value, monkeypatch)


@pytest.mark.parametrize(
    ("value", "result"), [("on", True), ("YES", True), ("1", True), ("off", False), ("", True)]
)
def test_flag(value, result, monkeypatch):
    monkeypatch.setenv("FLAG", value)
    assert environment.flag("FLAG", default=True) is result


def test_nonsense_as_flag(monkeypatch):
    monkeypatch.setenv("FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="FLAG is “maybe”, but it should be on or off"):
        environment.flag("FLAG", default=True)


@pytest.mark.parametrize("value", ["-1", "11", "1.5", "1_0", "٣", "abc", "9" * 5000])
def test_nonsense_as_whole_number(value, monkeypatch):
    monkeypatch.setenv("NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="a whole number from 0 to 10"):
        environment.whole_number("NUMBER", 5, low=0, high=10)


def test_whole_number(monkeypatch):
    monkeypatch.setenv("NUMBER", " 10 ")
    assert environment.whole_number("NUMBER", 5, low=0, high=10) == 10
    monkeypatch.setenv("NUMBER", "")
    assert environment.whole_number("NUMBER", 5, low=0, high=10) == 5


def test_one_of(monkeypatch):
    monkeypatch.setenv("WORD", "OFF")
    assert environment.one_of("WORD", "auto", ("auto", "on", "off")) == "off"
    monkeypatch.setenv("WORD", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="one of auto, on, off"):
        environment.one_of("WORD", "auto", ("auto", "on", "off"))


def test_port_ranges(monkeypatch):
    monkeypatch.setenv("PORTS", "80, 1024-65535,")
    assert environment.port_ranges("PORTS", "80,443") == ((80, 80), (1024, 65535))
    monkeypatch.setenv("PORTS", "")
    assert environment.port_ranges("PORTS", "80,443") == ((80, 80), (443, 443))


@pytest.mark.parametrize("value", ["0", "65536", "80-", "-80", "443-80", "8 0", "1_0", "http"])
def test_nonsense_as_ports(value, monkeypatch):
    monkeypatch.setenv("PORTS", value)
    with pytest.raises(ImproperlyConfigured, match="PORTS is"):
        environment.port_ranges("PORTS", "80")


@pytest.mark.parametrize("value", ["1.2.3", "10.0.0.1/8", "localhost", "10.0.0.0/33"])
def test_nonsense_as_networks(value, monkeypatch):
    monkeypatch.setenv("NETWORKS", f"127.0.0.0/8,{value}")
    with pytest.raises(ImproperlyConfigured, match=f"NETWORKS is “{value}”"):
        environment.networks("NETWORKS")


@pytest.mark.parametrize(
    ("value", "host"),
    [("", "127.0.0.1"), ("[::1]", "::1"), ("::", "::"), ("LOCALHOST", "localhost")],
)
def test_host(value, host, monkeypatch):
    monkeypatch.setenv("HOST", value)
    assert environment.host("HOST", "127.0.0.1") == host


@pytest.mark.parametrize("value", ["http://x", "a b", "x:80", "-", "a..b"])
def test_nonsense_as_host(value, monkeypatch):
    monkeypatch.setenv("HOST", value)
    with pytest.raises(ImproperlyConfigured, match="HOST is"):
        environment.host("HOST", "127.0.0.1")


def test_hosts(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "blog.example.org, .example.net,::1,[::2],*")
    expected = ["blog.example.org", ".example.net", "[::1]", "[::2]", "*"]
    assert environment.hosts("ALLOWED_HOSTS") == expected


@pytest.mark.parametrize("value", ["https://blog.example.org", "blog.example.org:443", "a/b"])
def test_nonsense_as_hosts(value, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", value)
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS is"):
        environment.hosts("ALLOWED_HOSTS")


def database(value, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", value)
    return environment.database("DATABASE_URL", Path("/data/recovery.sqlite3"))


def test_database(monkeypatch):
    assert database("", monkeypatch)["NAME"] == "/data/recovery.sqlite3"
    assert database("sqlite:////srv/blog.db", monkeypatch)["NAME"] == "/srv/blog.db"
    postgres = database("postgres://ann:s%40fe@db.internal:5433/blog", monkeypatch)
    assert postgres["ENGINE"] == "django.db.backends.postgresql"
    assert postgres["PASSWORD"] == "s@fe"
    assert (postgres["HOST"], postgres["PORT"], postgres["NAME"]) == ("db.internal", 5433, "blog")


@pytest.mark.parametrize(
    "value",
    [
        "mysql://ann:hidden@db/blog",
        "postgres://ann:hidden@db:port/blog",
        "postgres://ann:hidden@db",
        "sqlite://",
        "sqlite://:memory:",
        "sqlite:",
        "hidden",
    ],
)
def test_nonsense_as_database_never_shows_the_password(value, monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is") as caught:
        database(value, monkeypatch)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("value", ["smtp://", "smtp://ann:hidden@mail:x", "imap://mail", "hidden"])
def test_nonsense_as_email_never_shows_the_password(value, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", value)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL is") as caught:
        environment.email("EMAIL_URL")
    assert "hidden" not in str(caught.value)


def test_email(monkeypatch):
    assert environment.email("UNSET")["EMAIL_BACKEND"] == "recovery.mail.HiddenConsoleBackend"
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://ann:s%40fe@mail.example.org:587")
    config = environment.email("EMAIL_URL")
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert config["EMAIL_USE_TLS"]
    assert config["EMAIL_HOST_PASSWORD"] == "s@fe"


@pytest.mark.parametrize(
    "value", ["mail@blog.example.org", "Ann’s blog <mail+x@blog.example.org>", "a@localhost"]
)
def test_sender(value, monkeypatch):
    monkeypatch.setenv("MAIL_FROM", value)
    assert environment.sender("MAIL_FROM", "x@y") == value
    assert environment.sender("UNSET", "noreply@blog.example.org") == "noreply@blog.example.org"


@pytest.mark.parametrize(
    "value",
    ["Ann", "@host", "ann@", "a b@c.example", "Ann <a@b> x", "a@b, c@d", "A <a@b>\nBcc: <c@d>"],
)
def test_nonsense_as_sender(value, monkeypatch):
    monkeypatch.setenv("MAIL_FROM", value)
    with pytest.raises(ImproperlyConfigured, match="MAIL_FROM is"):
        environment.sender("MAIL_FROM", "x@y")


@pytest.mark.parametrize(
    ("host", "is_address"),
    [("127.0.0.1", True), ("::1", True), ("blog.example.org", False), ("10.example", False)],
)
def test_addresses_are_told_from_names(host, is_address):
    assert environment.is_address(host) == is_address


class TestKeys:
    def test_are_made_once_and_kept_private(self, tmp_path):
        first = keys.secret_key(tmp_path), keys.contact_keys(tmp_path)
        assert (keys.secret_key(tmp_path), keys.contact_keys(tmp_path)) == first
        assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in tmp_path.iterdir()) == ["contact_keys", "secret_key"]

    def test_the_first_to_make_one_wins(self, tmp_path):
        def make() -> str:
            (tmp_path / "key").write_text("the other's")
            return "mine"

        assert keys.kept_secret(tmp_path / "key", make) == "the other's"

    def test_from_the_environment(self, tmp_path, monkeypatch):
        new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        monkeypatch.setenv("CONTACT_KEYS", f"{new}, {old}")
        monkeypatch.setenv("SECRET_KEY", "x" * 32)
        assert keys.contact_keys(tmp_path) == [new, old]
        assert keys.secret_key(tmp_path) == "x" * 32
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe" * 30])
    def test_damaged_file(self, tmp_path, content):
        (tmp_path / "secret_key").write_bytes(content)
        (tmp_path / "contact_keys").write_bytes(content)
        with pytest.raises(ImproperlyConfigured, match="secret_key"):
            keys.secret_key(tmp_path)
        with pytest.raises(ImproperlyConfigured, match="contact_keys"):
            keys.contact_keys(tmp_path)

    @pytest.mark.parametrize(("name", "sentence"), [("file", "a file"), ("file/under", "written")])
    def test_unfit_folder(self, tmp_path, name, sentence):
        (tmp_path / "file").touch()
        with pytest.raises(ImproperlyConfigured, match=f"^DATA_DIR is .*{sentence}"):
            keys.writable_folder(tmp_path / name)

    def test_folder_that_only_seems_writable(self):
        with pytest.raises(ImproperlyConfigured, match="nothing can be written there"):
            keys.writable_folder(Path("/proc"))


def run_command(*arguments, **variables):
    """Return how a command ended, in an environment of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONWARNINGS": "ignore", **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORT": "http"}, "PORT is “http”"),
        ({"DATA_DIR": "/proc/nowhere"}, "DATA_DIR is “/proc/nowhere”"),
        (
            {"DATABASE_URL": "postgres://ann:hidden@127.0.0.1:1/none"},
            "at 127.0.0.1:1 cannot be used",
        ),
        ({"DATABASE_URL": "sqlite:////proc/none"}, "The database /proc/none cannot be used"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_command_says_one_sentence(command, variables, sentence, tmp_path):
    result = run_command(command, **{"DATA_DIR": str(tmp_path), **variables})
    assert result.returncode == 1
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert "hidden" not in result.stderr
