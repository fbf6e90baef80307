"""The catalogues hold every message of the sources, translated, and are compiled as they are written."""

import gettext
import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from recovery import catalogues
from tests.languages import messages

PO = sorted((settings.BASE_DIR / "locale").rglob("*.po"))
PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
TAG = re.compile(r"</?\w+")
IDS = [path.parent.parent.name for path in PO]
every_catalogue = pytest.mark.parametrize("path", PO, ids=IDS)


def places(text: str) -> set[str]:
    return {found[1] or found[2] for found in PLACE.finditer(text)}


def test_there_is_one_for_every_language_but_english():
    assert sorted([*IDS, "en"]) == sorted(dict(settings.LANGUAGES))


@every_catalogue
def test_nothing_is_missing_empty_or_in_doubt(path):
    assert [message.key for message in catalogues.read(path) if not message.is_done] == []


@every_catalogue
def test_every_message_of_the_sources_is_in_it_and_no_other(path):
    asked = {key for _, key in [*messages.in_python(), *messages.in_templates()]}
    known = {message.key for message in catalogues.read(path)[1:]}
    missing, unused = sorted(asked - known), sorted(known - asked)
    assert (missing, unused) == ([], []), "manage.py makemessages: see CONTRIBUTING.md"


@every_catalogue
def test_translations_have_the_places_and_the_markup_of_their_messages(path):
    for message in catalogues.read(path)[1:]:
        # The form for one may leave its number out; every other says what its source says.
        said, form = message.sources[-1], message.translations[-1]
        assert places(form) == places(said), message.key
        for one in message.translations:
            assert places(one) <= places(said), message.key
            assert sorted(TAG.findall(one)) == sorted(TAG.findall(said)), message.key
            assert one.count("\n") <= 3 * said.count("\n") + 0, message.key
            assert (one[:1].isspace(), one[-1:].isspace()) == (False, False), message.key


@every_catalogue
def test_plurals_have_every_form(path):
    forms = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    count = int(re.search(r"nplurals=(\d)", forms.info()["plural-forms"])[1])
    for message in catalogues.read(path)[1:]:
        wanted = count if "msgid_plural" in message.fields else 1
        assert len(message.translations) == wanted, message.key


@every_catalogue
def test_what_is_committed_is_what_was_written(path):
    made = catalogues.compiled(catalogues.read(path))
    assert path.with_suffix(".mo").read_bytes() == made, "run manage.py compile_catalogues"


@every_catalogue
def test_gettext_reads_what_was_compiled(path):
    found = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    for message in catalogues.read(path)[1:]:
        context, said = message.fields.get("msgctxt"), message.fields["msgid"]
        plural = message.fields.get("msgid_plural")
        if plural is not None:
            got = [found.ngettext(said, plural, number) for number in (1, 2)]
        else:
            got = [found.pgettext(context, said) if context else found.gettext(said)]
        assert got == message.translations


GERMAN = [path for path in PO if path.parent.parent.name == "de"]


@pytest.mark.parametrize("path", GERMAN)
def test_german_has_its_own_quotes(path):
    for message in catalogues.read(path)[1:]:
        for one in message.translations:
            bare = re.sub(r"<[^>]*>", "", one)
            assert not re.search("[\"”]|(?<!\\w)'|\\.\\.\\.| - ", bare), one
            assert bare.count("„") == bare.count("“"), one


def write(folder: Path, text: str) -> Path:
    path = folder / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def test_contexts_plurals_and_long_lines_are_read_and_compiled(tmp_path):
    path = write(
        tmp_path,
        HEAD + 'msgctxt "act"\nmsgid "Spam"\nmsgstr "Spämmen"\n\n'
        'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "eine"\nmsgstr[1] "viele"\n\n'
        '#: a.py\nmsgid ""\n"two\\n"\n"lines"\nmsgstr ""\n"zwei\\n"\n"Zeilen"\n',
    )
    assert catalogues.compile_all(tmp_path) == [path.with_suffix(".mo")]
    assert catalogues.compile_all(tmp_path) == [], "nothing has changed"
    found = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert found.pgettext("act", "Spam") == "Spämmen"
    assert found.gettext("Spam") == "Spam"
    assert [found.ngettext("%(n)s row", "%(n)s rows", n) for n in (1, 2)] == ["eine", "viele"]
    assert found.gettext("two\nlines") == "zwei\nZeilen"


def test_what_is_fuzzy_or_empty_is_left_out(tmp_path):
    path = write(
        tmp_path,
        HEAD + '#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n',
    )
    assert [message.is_done for message in catalogues.read(path)] == [True, False, False]
    catalogues.compile_all(tmp_path)
    found = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert (found.gettext("a"), found.gettext("c")) == ("a", "c")


def test_the_command_says_what_it_wrote_and_what_it_cannot_read(settings, tmp_path, capsys):
    settings.BASE_DIR, settings.LOCALE_PATHS = tmp_path, [tmp_path]
    path = write(tmp_path, HEAD + 'msgid "a"\nmsgstr "b"\n')
    call_command("compile_catalogues")
    assert capsys.readouterr().out == "Wrote de/LC_MESSAGES/django.mo\n"
    path.write_text("msgid a\n")
    with pytest.raises(Exception, match="this is no line of a catalogue: msgid a"):
        call_command("compile_catalogues")
