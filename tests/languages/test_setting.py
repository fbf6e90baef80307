"""One language for a site, said by the environment."""

import datetime
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import formats, translation

from comments import patterns


def started(tmp_path, **variables: str) -> subprocess.CompletedProcess[str]:
    code = "from django.conf import settings; print(settings.LANGUAGE_CODE)"
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "recovery.settings"}
        | variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("value", "language"), [("", "en"), ("de", "de"), ("DE", "de")])
def test_the_language_is_the_one_that_is_set(tmp_path, value, language):
    assert started(tmp_path, SITE_LANGUAGE=value).stdout == f"{language}\n"


def test_the_variable_of_gettexts_own_programs_changes_nothing(tmp_path):
    assert started(tmp_path, LANGUAGE="de_DE:de", LANG="de_DE.UTF-8").stdout == "en\n"


def test_nonsense_stops_the_start_with_the_languages_there_are(tmp_path):
    failed = started(tmp_path, SITE_LANGUAGE="tlh")
    assert failed.returncode
    assert failed.stderr.strip().endswith("SITE_LANGUAGE is “tlh”, but it should be one of de, en.")


def test_no_visitor_is_asked_for_a_language():
    """Public pages are kept, one for everybody: nothing may depend on Accept-Language."""
    assert not [name for name in settings.MIDDLEWARE if "Locale" in name]


@pytest.mark.parametrize(
    ("language", "moment", "day", "number"),
    [
        ("en", "5 January 2026, 14:03", "5 January 2026", "10,000"),
        ("de", "5. Januar 2026, 14:03", "5. Januar 2026", "10.000"),
    ],
)
def test_dates_and_numbers_are_written_as_in_the_language(language, moment, day, number):
    at = datetime.datetime(2026, 1, 5, 14, 3, tzinfo=datetime.UTC)
    with translation.override(language):
        template = Template("{{ at|date:'DATETIME_FORMAT' }} / {{ at|date:'DATE_FORMAT' }}")
        assert template.render(Context({"at": at})) == f"{moment} / {day}"
        assert formats.number_format(10_000, force_grouping=True) == number


def test_what_is_drawn_once_is_drawn_once_in_each_language():
    def draw(places):
        return f"{translation.gettext('Comments')} {places['name']}"

    drawn = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            drawn.append(patterns.fill(draw, name="Ann"))
    assert drawn == ["Comments Ann", "Kommentare Ann", "Comments Ann"]
