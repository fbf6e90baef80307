"""What a file with front matter says, and how a broken one is named: with its line and reason."""

import datetime
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.front_matter import MAX_FRONT_MATTER, Alias, Post, Problem, parse

HELSINKI = ZoneInfo("Europe/Helsinki")


def post(head: str, body: str = "Text.") -> Post:
    return parse(f"---\n{head}\n---\n{body}\n".encode(), HELSINKI)


def utc(*moment: int) -> datetime.datetime:
    return datetime.datetime(*moment, tzinfo=datetime.UTC)  # type: ignore[misc, arg-type]


def test_everything_a_file_can_say() -> None:
    found = post(
        "title: On rest\nslug: rest\ndate: 2026-11-22\nupdated: 2026-11-23T10:00:00Z\nstatus: draft\n"
        "summary: Short.\nauthor: Maren Holt\ncomments_open: no\nlinkbacks_open: true\ntags: [a, b]\n"
        "aliases:\n  - pause\n  - /articles/sabbath/\n"
        "faq:\n  - question: How long?\n    answer: |\n      A *while*.\n\n      Then more.\n",
        "# Heading\n\nText.",
    )
    assert (found.title, found.slug, found.status) == ("On rest", "rest", "draft")
    assert (found.summary, found.author) == ("Short.", "Maren Holt")
    assert found.date == utc(2026, 11, 21, 22)
    assert found.updated == utc(2026, 11, 23, 10)
    assert (found.comments_open, found.linkbacks_open, found.tags) == (False, True, ("a", "b"))
    assert found.aliases == (Alias("pause", 13), Alias("sabbath", 14))
    assert found.faq is not None
    [question] = found.faq
    assert (question.question, question.line) == ("How long?", 16)
    assert question.answer == "A *while*.\n\nThen more."
    assert found.body == "# Heading\n\nText."
    assert found.remarks == ()


def test_what_is_not_mentioned_is_none() -> None:
    found = post("title: T")
    for name in ("slug", "date", "updated", "status", "summary", "author", "comments_open", "faq"):
        assert getattr(found, name) is None, name
    assert (found.aliases, found.tags, found.series, found.part) == ((), None, None, None)


def test_a_key_without_a_value_empties_or_says_nothing() -> None:
    found = post(
        "title: T\nslug:\ndate: ~\nstatus:\nsummary:\nauthor: ''\nfaq:\naliases:\ntags: []\ndraft:"
    )
    assert (found.slug, found.date, found.status, found.tags) == (None, None, None, ())
    assert (found.summary, found.author, found.faq, found.aliases) == ("", "", (), ())


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-22", utc(2026, 11, 21, 22)),
        ("2026-07-01", utc(2026, 6, 30, 21)),
        ("2026-11-22T08:30", utc(2026, 11, 22, 6, 30)),
        ("2026-11-22 08:30:15", utc(2026, 11, 22, 6, 30, 15)),
        ("2026-11-22T08:30:00Z", utc(2026, 11, 22, 8, 30)),
        ("2026-11-22 08:30:00 +0100", utc(2026, 11, 22, 7, 30)),
        ("2026-11-22 08:30:00 Z", utc(2026, 11, 22, 8, 30)),
        ("'2026-11-22T08:30:00.250000-05:00'", utc(2026, 11, 22, 13, 30, 0, 250_000)),
    ],
)
def test_dates(written: str, moment: datetime.datetime) -> None:
    assert post(f"title: T\ndate: {written}").date == moment


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("status: draft", "draft"),
        ("status: Published", "published"),
        ("draft: true", "draft"),
        ("draft: false", "published"),
        ("published: false", "draft"),
        ("published: yes", "published"),
        ("status: draft\ndraft: true\npublished: false", "draft"),
    ],
)
def test_status(head: str, status: str) -> None:
    assert post(f"title: T\n{head}").status == status


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("1984", "1984"),
        ("2026-11-22", "2026-11-22"),
        ("yes", "yes"),
        ("'On: rest'", "On: rest"),
        (">\n  On\n  rest", "On rest"),
        ("你好 🎉", "你好 🎉"),
        ("a\u2028b", "a b"),
    ],
)
def test_titles_are_text_whatever_yaml_thinks(written: str, title: str) -> None:
    assert post(f"title: {written}").title == title


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf---\ntitle: T\n---\nText.",
        b"---\r\ntitle: T\r\n---\r\nText.\r\n",
        b"---\rtitle: T\r---\rText.\r",
        b"---  \ntitle: T\n--- \n\n\nText.\n\n",
    ],
)
def test_marks_and_line_ends_of_other_systems(data: bytes) -> None:
    found = parse(data, HELSINKI)
    assert (found.title, found.body) == ("T", "Text.")


def test_a_rule_in_the_body_and_indented_code_at_its_start_stay() -> None:
    assert post("title: T", "\n    code\n\n---\n\nmore").body == "    code\n\n---\n\nmore"


@pytest.mark.parametrize(
    ("head", "line", "text"),
    [
        ("title: T\nlayout: post", 3, "“layout” is no known key and was ignored."),
        ("title: T\n\n# a comment\ncategories: [a]", 5, "“categories” is no known key"),
        ("title: T\naliases: [/2019/old.html]", 3, "only /articles/…/ can lead"),
        (
            "title: T\naliases:\n  - fine\n  - https://old.example/x",
            5,
            "“https://old.example/x” was ignored",
        ),
        (
            "title: T\nfaq:\n - question: Q\n   answer: A\n   icon: x",
            6,
            "“icon” is no part of a question",
        ),
    ],
)
def test_remarks_name_the_line_and_stop_nothing(head: str, line: int, text: str) -> None:
    [remark] = post(head).remarks
    assert remark.line == line
    assert text in remark.text


@pytest.mark.parametrize(
    "written", ["rest", "/articles/rest/", "articles/rest", "[rest]", "[/articles/%72est/]"]
)
def test_aliases(written: str) -> None:
    assert post(f"title: T\naliases: {written}").aliases == (Alias("rest", 3),)


BROKEN = {
    "not UTF-8": (b"---\ntitle: T\n---\nText\nCaf\xe9\n", 5, "not UTF-8"),
    "UTF-16": ("---\ntitle: T\n---\nText".encode("utf-16"), 1, "NUL"),
    "a NUL character": (b"---\ntitle: T\n---\nText\n\nmore \0 text", 6, "NUL"),
    "empty": (b"", 1, "no front matter"),
    "no front matter": (b"# A title\n\nText", 1, "no front matter"),
    "a blank line before": (b"\n---\ntitle: T\n---\nText", 1, "no front matter"),
    "no closing fence": (b"---\ntitle: T\n\nText\n", 1, "no closing “---”"),
    "only an opening fence": (b"---", 1, "no closing “---”"),
    "no text": (b"---\ntitle: T\n---\n\n  \n", 3, "no text"),
    "empty front matter": (b"---\n---\nText", 1, "title is missing"),
    "comments only": (b"---\n# nothing\n---\nText", 1, "title is missing"),
    "very long front matter": (
        b"---\ntitle: " + b"x" * MAX_FRONT_MATTER + b"\n---\nT",
        1,
        "longer than",
    ),
}


@pytest.mark.parametrize(("data", "line", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(Problem, match=reason) as problem:
        parse(data, HELSINKI)
    assert problem.value.line == line


BROKEN_HEADS = {
    "no title": ("slug: a", 1, "title is missing."),
    "empty title": ("slug: a\ntitle: ''", 3, "title is missing."),
    "title is a list": ("slug: a\ntitle: [a, b]", 3, "title must be text, not a list."),
    "a word for a date": (
        "title: T\ndate: yesterday",
        3,
        "date “yesterday” is not a date such as 2026-11-22.",
    ),
    "a day that is none": ("title: T\ndate: 2026-13-45", 3, "date “2026-13-45” is not a date"),
    "before the calendar": ("title: T\ndate: 0001-01-01T00:00:00+10:00", 3, "is not a date"),
    "updated": ("title: T\n\nupdated: soon", 4, "updated “soon” is not a date"),
    "an unknown status": (
        "title: T\nstatus: private",
        3,
        "status “private” is neither draft nor published.",
    ),
    "both": ("title: T\nstatus: published\ndraft: true", 4, "both a draft and published"),
    "a word for a truth": (
        "title: T\ncomments_open: maybe",
        3,
        "“maybe” is neither true nor false.",
    ),
    "a long summary": (
        f"title: T\nsummary: {'x' * 501}",
        3,
        "summary has 501 characters; 500 are allowed.",
    ),
    "two authors": ("title: T\nauthor:\n  - A\n  - B", 4, "author must be text, not a list."),
    "a tab": ("title: T\nfaq:\n\t- question: Q", 4, "a tab: YAML wants blanks here."),
    "a second colon": (
        "title: T\nsummary: this: that",
        3,
        "put the value between quotation marks.",
    ),
    "an open quotation mark": (
        "title: T\nsummary: 'abc\nslug: a",
        3,
        "a quotation mark is not closed.",
    ),
    "an open bracket": ("title: T\ntags: [a, b\nslug: a", 3, "YAML: "),
    "no colon": ("title: T\njust words\nslug: a", 3, "“key: value” is expected here."),
    "words only": ("just words", 2, "front matter must be lines of “key: value”."),
    "a list": ("- title: T", 2, "front matter must be lines of “key: value”."),
    "a key twice": ("title: T\nslug: a\ntitle: U", 4, "“title” is there twice."),
    "an unknown key twice": ("title: T\nx: 1\nx: 2", 4, "“x” is there twice."),
    "a control character": ("title: T\nsummary: a\x07b", 3, "a control character"),
    "an anchor": ("title: &t T", 2, "anchors"),
    "an alias": ("title: T\nsummary: *t", 3, "anchors"),
    "a tag": ("title: T\nsummary: !!python/object/apply:os.system [id]", 3, "tags"),
    "a reserved character": ("title: T\nauthor: @maren", 3, "YAML: "),
    "two documents": ("title: T\n...\ntitle: U", 4, "YAML: "),
    "depth": ("title: T\ntags: " + "[" * 5000 + "]" * 5000, 3, "too deep"),
    "faq is text": ("title: T\nfaq: none", 3, "faq must be a list"),
    "faq of words": (
        "title: T\nfaq:\n  - How long?",
        4,
        "an item of faq must be lines of “key: value”.",
    ),
    "no answer": (
        "title: T\nfaq:\n  - question: Q\n    answer: A\n  - question: R",
        6,
        "has no answer",
    ),
    "an empty answer": ("title: T\nfaq:\n  - question: Q\n    answer:", 4, "has no answer"),
    "no question": ("title: T\nfaq:\n  - answer: A", 4, "has no question"),
    "a list of answers": (
        "title: T\nfaq:\n  - question: Q\n    answer:\n     - A",
        6,
        "must be text",
    ),
    "asked twice": (
        "title: T\nfaq:\n  - {question: Q, answer: A}\n  - {question: Q, answer: B}",
        5,
        "“Q” is asked twice.",
    ),
    "a mapping among aliases": ("title: T\naliases:\n  - a: b", 4, "must be text"),
    "after other line ends": ("title: a\u2028b\x85c\ndate: no", 3, "is not a date"),
}


@pytest.mark.parametrize(("head", "line", "reason"), BROKEN_HEADS.values(), ids=BROKEN_HEADS)
def test_broken_front_matter_is_named(head: str, line: int, reason: str) -> None:
    with pytest.raises(Problem) as problem:
        post(head)
    assert reason in str(problem.value)
    assert problem.value.line == line
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_lines_are_counted_with_other_line_ends(end: str) -> None:
    with pytest.raises(Problem) as problem:
        parse("---\ntitle: T\ndate: no\n---\nText".replace("\n", end).encode(), HELSINKI)
    assert problem.value.line == 3


def test_an_unfolding_bomb_is_refused_at_once() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12)]
    began = time.perf_counter()
    with pytest.raises(Problem, match="anchors"):
        post("\n".join(["title: T", "l0: &l0 [x]", *levels]))
    assert time.perf_counter() - began < 1


def line_of_problem(data: bytes) -> int:
    """Return the line that is named, or 1 for a file that can be read."""
    try:
        assert parse(data, HELSINKI).title
    except Problem as problem:
        return problem.line or 0
    return 1


@given(st.binary(max_size=300))
def test_any_bytes_are_a_post_or_a_problem(data: bytes) -> None:
    for file in (data, b"---\n" + data + b"\n---\nText", b"---\ntitle: " + data + b"\n---\nText"):
        assert 1 <= line_of_problem(file) <= file.count(b"\n") + file.count(b"\r") + 1


@given(st.text(alphabet=st.sampled_from("abc:-#'\"[]{}&*!|>%@`\n\t ?,é🎉~"), max_size=80))
def test_any_front_matter_is_read_or_named(head: str) -> None:
    file = f"---\ntitle: T\n{head}\n---\nText".encode()
    assert 1 <= line_of_problem(file) <= head.count("\n") + 4
