"""The record of an author, found without showing who it is."""

import pytest

from comments import authorship
from comments.authorship import Record, ordinal
from comments.models import Status
from tests.builders import make_comment

ANN, BOB = "ann@hidden-mailbox.example", "bob@hidden-mailbox.example"


def said(*comments) -> list[str]:
    found = authorship.records(comments)
    return [str(found[comment.pk]) if comment.pk in found else "" for comment in comments]


def test_a_record_counts_what_else_the_same_address_wrote(article):
    states = (Status.APPROVED, Status.SPAM, Status.APPROVED, Status.PENDING, Status.TRASH)
    comments = [make_comment(article, address=ANN, status=status) for status in states]
    make_comment(article, address=BOB, status=Status.SPAM)

    assert said(*comments) == [
        "1st of 5 comments, 1 approved, 1 spam",
        "2nd of 5 comments, 2 approved",
        "3rd of 5 comments, 1 approved, 1 spam",
        "4th of 5 comments, 2 approved, 1 spam",
        "5th comment, 2 approved, 1 spam",
    ]


def test_a_record_is_of_the_address_whatever_name_and_case_it_was_typed_in(article):
    make_comment(article, address=ANN, author_name="Ann")
    second = make_comment(article, address=f" {ANN.upper()} ", author_name="Somebody else")
    namesake = make_comment(article, address=BOB, author_name="Ann")

    assert said(second, namesake) == ["2nd comment", "1st comment"]


def test_without_an_address_there_is_no_record(article):
    assert said(make_comment(article), make_comment(article)) == ["", ""]
    assert authorship.records([]) == {}


def test_records_of_a_page_take_one_query(article, django_assert_num_queries):
    comments = [make_comment(article, address=f"{n % 7}@hidden.example") for n in range(50)]

    with django_assert_num_queries(1) as captured:
        found = authorship.records(comments)

    assert len(found) == 50
    assert "ciphertext" not in captured[0]["sql"]


def test_what_the_same_author_wrote(article, django_assert_num_queries):
    first, second = (make_comment(article, address=ANN) for _ in range(2))
    other, nobody = make_comment(article, address=BOB), make_comment(article)

    with django_assert_num_queries(1):
        assert set(authorship.by_the_same(second)) == {first, second}
    assert set(authorship.by_the_same(other)) == {other}
    assert set(authorship.by_the_same(nobody)) == set()


def test_a_record_holds_no_index(article):
    comment = make_comment(article, address=ANN)

    (record,) = authorship.records([comment]).values()

    assert record == Record(nth=1, total=1)
    assert comment.contact.blind_index not in repr(record)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
        (123, "123rd"),
    ],
)
def test_ordinals(number, word):
    assert ordinal(number) == word
