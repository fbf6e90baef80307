"""Importing Markdown files: what is added, updated, left alone, and refused."""

import datetime
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import importing
from articles.importing import MarkdownImport, Report, Result
from articles.models import Article, FaqEntry, OldSlug
from tests.builders import make_article, make_faq_entry, make_user

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
Write = Callable[..., Path]


def run(*paths: Path) -> list[Report]:
    return list(MarkdownImport().run(paths))


def result(*paths: Path) -> list[str]:
    return [report.result.value for report in run(*paths)]


def reason(path: Path) -> tuple[int | None, str]:
    [report] = run(path)
    assert report.result is Result.BROKEN, report
    assert report.problem is not None
    return report.problem.line, report.problem.text


@pytest.mark.django_db
class TestAdding:
    def test_everything_the_file_says(self, write: Write) -> None:
        path = write(
            "a.md",
            "title: On rest\nslug: rest\ndate: 2020-02-01\nsummary: Short.\nauthor: Maren Holt\n"
            "comments_open: false\naliases: [pause]\nfaq:\n- question: Why?\n  answer: '*So*.'",
            "# Heading\n\nText.",
        )
        with time_machine.travel(NOW, tick=False):
            [report] = run(path)
        assert report.result is Result.ADDED
        article = Article.objects.get(slug="rest")
        assert (
            article.published_at
            == article.updated_at
            == datetime.datetime(2020, 2, 1, tzinfo=datetime.UTC)
        )
        assert (article.title, article.summary, article.byline) == (
            "On rest",
            "Short.",
            "Maren Holt",
        )
        assert (article.comments_open, article.linkbacks_open) == (False, True)
        assert article.is_published
        assert "<h2" in article.body_html
        assert list(article.old_slugs.values_list("slug", flat=True)) == ["pause"]
        entry = article.faq_entries.get()
        assert (entry.anchor, "<em>So</em>" in entry.answer_html) == ("faq-why", True)

    def test_is_published_now_unless_the_file_says_otherwise(self, write: Write) -> None:
        with time_machine.travel(NOW, tick=False):
            run(write("a.md"), write("b.md", "title: B\ndraft: true"))
        assert Article.objects.get(slug="a").published_at == NOW
        assert Article.objects.get(slug="b").status == "draft"

    def test_a_date_to_come_is_a_schedule(self, write: Write) -> None:
        with time_machine.travel(NOW, tick=False):
            run(write("a.md", "title: A\ndate: 2026-11-23"))
            article = Article.objects.get()
            assert not article.is_published
            assert article.updated_at == NOW

    def test_updated_is_kept(self, write: Write) -> None:
        path = write("a.md", "title: A\ndate: 2020-01-01\nupdated: 2021-01-01")
        assert result(path) == ["added"]
        assert Article.objects.get().updated_at.year == 2021
        assert result(path) == ["unchanged"]

    @pytest.mark.parametrize("name", ["ann", "Ann Lee"])
    def test_an_author_with_a_login_is_linked(self, write: Write, name: str) -> None:
        user = make_user(first_name="Ann", last_name="Lee")
        user.username = "ann"
        user.save()
        run(write("a.md", f"title: A\nauthor: {name}"))
        article = Article.objects.get()
        assert (article.author, article.author_name, article.byline) == (user, "", "Ann Lee")

    def test_a_full_name_that_two_have_stays_a_name(self, write: Write) -> None:
        for _ in range(2):
            make_user(first_name="Ann", last_name="Lee")
        run(write("a.md", "title: A\nauthor: Ann Lee"))
        article = Article.objects.get()
        assert (article.author, article.author_name) == (None, "Ann Lee")

    def test_an_empty_author_is_nobody(self, write: Write) -> None:
        make_user()
        run(write("a.md", "title: A\nauthor:"))
        assert Article.objects.get().author is None


@pytest.mark.django_db
class TestAgain:
    def test_an_unchanged_file_writes_nothing(
        self, write: Write, django_assert_num_queries
    ) -> None:
        path = write(
            "a.md",
            "title: A\nsummary: S\nauthor: Ann\naliases: [b]\nfaq:\n- {question: Q, answer: A}",
        )
        with time_machine.travel(NOW, tick=False) as clock:
            run(path)
            clock.shift(3600)
            with CaptureQueriesContext(connection) as queries:
                assert result(path) == ["unchanged"]
        changes = ("INSERT", "UPDATE", "DELETE")
        assert not [query for query in queries.captured_queries if query["sql"].startswith(changes)]
        assert Article.objects.get().updated_at == NOW

    @pytest.mark.parametrize(
        ("head", "body"),
        [
            ("title: Other", "Text."),
            ("title: On rest", "Other."),
            ("title: On rest\nsummary: Other", "Text."),
            ("title: On rest\nauthor: Other", "Text."),
            ("title: On rest\ndraft: true", "Text."),
            ("title: On rest\ndate: 2019-01-01", "Text."),
            ("title: On rest\nupdated: 2019-01-01", "Text."),
            ("title: On rest\ncomments_open: false", "Text."),
            ("title: On rest\nlinkbacks_open: false", "Text."),
            ("title: On rest\naliases: other", "Text."),
            ("title: On rest\nfaq:\n- {question: Q, answer: A}", "Text."),
        ],
    )
    def test_a_changed_file_updates_its_article(self, write: Write, head: str, body: str) -> None:
        run(write("a.md"))
        path = write("a.md", head, body)
        assert result(path) == ["updated"]
        assert result(path) == ["unchanged"]
        assert Article.objects.count() == 1

    def test_a_changed_title_keeps_article_and_address(self, write: Write) -> None:
        run(write("a.md", "title: One"))
        run(write("a.md", "title: Two"))
        article = Article.objects.get()
        assert (article.title, article.slug) == ("Two", "a")

    def test_a_changed_text_is_dated_now(self, write: Write) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            run(write("a.md", "title: A\ndate: 2020-01-01"))
            clock.shift(3600)
            run(write("a.md", "title: A\ndate: 2020-01-01", "Other."))
        assert Article.objects.get().updated_at == NOW + datetime.timedelta(hours=1)

    def test_a_file_may_move_to_another_folder(self, write: Write) -> None:
        run(write("old/a.md"))
        assert result(write("new/2026-01-01-a.md")) == ["unchanged"]

    def test_what_the_file_does_not_mention_stays(self, write: Write) -> None:
        run(write("a.md"))
        article = Article.objects.get()
        article.summary, article.comments_open, article.author_name = "Mine.", False, "Me"
        article.store()
        make_faq_entry(article)
        run(write("a.md", body="Other."))
        article.refresh_from_db()
        assert (article.summary, article.comments_open, article.author_name) == (
            "Mine.",
            False,
            "Me",
        )
        assert article.faq_entries.count() == 1

    def test_a_new_slug_with_the_old_as_alias_renames(self, write: Write) -> None:
        run(write("a.md", "title: A\nslug: a"))
        path = write("a.md", "title: A\nslug: b\naliases: [a]")
        assert result(path) == ["updated"]
        assert Article.objects.get().slug == "b"
        assert OldSlug.objects.get().slug == "a"
        assert result(path) == ["unchanged"]
        assert result(write("a.md", "title: A\nslug: a\naliases: [b]")) == ["updated"]
        assert Article.objects.get().slug == "a"
        assert OldSlug.objects.get().slug == "b"


@pytest.mark.django_db
class TestFaq:
    def faq(self, *questions: str) -> str:
        items = [f"- question: {question}\n  answer: About {question}" for question in questions]
        return "\n".join(["title: A", "faq:", *items])

    def entries(self) -> list[tuple[str, str]]:
        return list(FaqEntry.objects.values_list("question", "anchor"))

    def test_anchors_survive_another_order_and_other_answers(self, write: Write) -> None:
        run(write("a.md", self.faq("One?", "one!", "Two?")))
        before = dict(self.entries())
        keys = dict(FaqEntry.objects.values_list("question", "pk"))
        run(write("a.md", self.faq("Two?", "one!", "Three?", "One?").replace("About", "More on")))
        assert [question for question, _ in self.entries()] == ["Two?", "one!", "Three?", "One?"]
        assert dict(self.entries()) == {**before, "Three?": "faq-three"}
        assert keys.items() <= dict(FaqEntry.objects.values_list("question", "pk")).items()
        assert all("More on" in entry.answer_html for entry in FaqEntry.objects.all())

    def test_order_alone_is_a_change(self, write: Write) -> None:
        run(write("a.md", self.faq("One?", "Two?")))
        assert result(write("a.md", self.faq("Two?", "One?"))) == ["updated"]
        assert [question for question, _ in self.entries()] == ["Two?", "One?"]

    def test_removed_ones_go(self, write: Write) -> None:
        run(write("a.md", self.faq("One?", "Two?")))
        assert result(write("a.md", self.faq("Two?"))) == ["updated"]
        assert self.entries() == [("Two?", "faq-two")]
        assert result(write("a.md", "title: A\nfaq: []")) == ["updated"]
        assert self.entries() == []

    def test_a_question_with_other_punctuation_takes_over_the_anchor(self, write: Write) -> None:
        run(write("a.md", self.faq("How long?")))
        run(write("a.md", self.faq("How long ?!")))
        assert self.entries() == [("How long ?!", "faq-how-long")]

    def test_of_two_with_the_same_question_one_stays(self, write: Write) -> None:
        run(write("a.md", self.faq("One?")))
        make_faq_entry(Article.objects.get(), question="One?", position=1)
        run(write("a.md", self.faq("One?")))
        assert self.entries() == [("One?", "faq-one")]

    def test_entries_of_other_articles_stay(self, write: Write) -> None:
        other = make_faq_entry(make_article())
        run(write("a.md", self.faq("One?")))
        assert FaqEntry.objects.filter(pk=other.pk).exists()


@pytest.mark.django_db
class TestBroken:
    @pytest.mark.parametrize(
        ("head", "line", "text"),
        [
            ("date: yesterday\ntitle: T", 2, "date “yesterday” is not a date"),
            (
                f"slug: a\ntitle: {'x' * 201}",
                3,
                "title: Ensure this value has at most 200 characters",
            ),
            ("title: T\nslug: Not A Slug", 3, "Try “not-a-slug”"),
            (f"title: T\nslug: {'x' * 81}", 3, "slug: "),
            (f"title: T\nauthor: {'x' * 101}", 3, "author: Ensure this value has at most 100"),
            (f"title: T\naliases:\n- fine\n- {'x' * 81}", 5, "aliases: "),
            (
                f"title: T\nfaq:\n- {{question: Q, answer: A}}\n- question: {'x' * 301}\n  answer: A",
                5,
                "faq: question: Ensure this value has at most 300",
            ),
        ],
    )
    def test_line_and_reason(self, write: Write, head: str, line: int, text: str) -> None:
        found_line, found = reason(write("a.md", head))
        assert found_line == line
        assert text in found
        assert not Article.objects.exists()
        assert not OldSlug.objects.exists()

    def test_the_former_address_of_another_article(self, write: Write) -> None:
        OldSlug.objects.create(slug="taken", article=make_article(title="Its owner"))
        line, text = reason(write("a.md", "title: T\nslug: taken"))
        assert (line, "former address of “Its owner”" in text) == (3, True)

    @pytest.mark.parametrize("is_former", [True, False])
    def test_an_alias_that_leads_to_another_article(self, write: Write, is_former: bool) -> None:
        other = make_article(title="Its owner", slug="present")
        OldSlug.objects.create(slug="former", article=other)
        run(write("a.md"))
        alias = "former" if is_former else "present"
        line, text = reason(write("a.md", f"title: T\naliases:\n- fine\n- {alias}"))
        assert (line, text) == (5, f"“{alias}” is an address of “Its owner”.")
        assert not OldSlug.objects.filter(slug="fine").exists()
        assert Article.objects.get(slug="a").title == "On rest"

    def test_nothing_of_a_broken_update_stays(self, write: Write) -> None:
        run(write("a.md", "title: A\nfaq:\n- {question: Q, answer: A}"))
        long = "x" * 301
        reason(
            write(
                "a.md",
                f"title: B\nfaq:\n- {{question: R, answer: A}}\n- {{question: {long}, answer: A}}",
            )
        )
        assert Article.objects.get().title == "A"
        assert FaqEntry.objects.get().question == "Q"

    def test_two_files_for_one_article(self, write: Write, tmp_path: Path) -> None:
        write("a.md", "title: First")
        write("b.md", "title: Second\nslug: a")
        first, second = run(tmp_path)
        assert first.result is Result.ADDED
        assert second.problem is not None
        assert second.problem.line == 3
        assert str(tmp_path / "a.md") in second.problem.text
        assert Article.objects.get().title == "First"

    def test_the_same_file_named_twice_is_read_once(self, write: Write, tmp_path: Path) -> None:
        path = write("a.md")
        assert result(tmp_path, path, tmp_path / "." / "a.md") == ["added"]

    def test_a_name_that_makes_no_address(self, write: Write) -> None:
        assert reason(write("🎉.md")) == (1, "the file's name makes no address; slug is missing.")

    def test_what_does_not_exist(self, tmp_path: Path) -> None:
        assert reason(tmp_path / "none.md") == (None, "there is no such file or folder.")

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.md")
        assert reason(tmp_path) == (None, "this is neither a file nor a folder that can be read.")

    def test_a_folder_that_cannot_be_read_stops_nothing(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write("closed/a.md")
        write("z.md")
        read = Path.iterdir

        def refuse(folder: Path) -> Iterator[Path]:
            if folder.name == "closed":
                raise PermissionError
            return read(folder)

        monkeypatch.setattr(Path, "iterdir", refuse)
        assert result(tmp_path) == ["broken", "added"]

    def test_a_link_to_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "a.md").symlink_to(tmp_path / "none")
        assert reason(tmp_path) == (None, "there is no such file or folder.")

    def test_a_name_too_long_for_any_file(self, tmp_path: Path) -> None:
        line, text = reason(tmp_path / ("x" * 300 + ".md"))
        assert line is None
        assert text.startswith("it cannot be read: ")

    def test_too_large(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        path = write("a.md", body="x" * 1000)
        monkeypatch.setattr(importing, "MAX_BYTES", path.stat().st_size - 1)
        assert reason(path)[0] is None
        monkeypatch.setattr(importing, "MAX_BYTES", path.stat().st_size)
        assert result(path) == ["added"]


@pytest.mark.django_db
def test_dates_without_a_zone_are_the_sites_own(write: Write, settings) -> None:
    settings.TIME_ZONE = "Europe/Helsinki"
    run(write("a.md", "title: A\ndate: 2020-07-01"))
    assert Article.objects.get().published_at == datetime.datetime(
        2020, 6, 30, 21, tzinfo=datetime.UTC
    )
