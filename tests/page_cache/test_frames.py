"""Frames that are kept are true, whatever changes, and hold nothing of whoever had them drawn."""

import copy
import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import Error, connection, transaction
from django.template import autoreload
from django.test import Client
from django.utils import timezone

from articles import belongings, frames
from articles.models import Article, Blog
from comments.models import DiscussionSettings, Status
from recovery.models import PageChange
from recovery.page_cache import marks
from recovery.page_cache.requests import UNTIL
from tests.builders import make_article, make_comment, make_faq_entry, make_user
from tests.comments.test_thread_pages import make_many
from tests.page_cache.test_shown_tables import SHOWN, changes_to, look, pages  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)
AS_KEPT: dict[str, Any] = {UNTIL: None}
SLUG = "one-of-everything"


@pytest.fixture
def now(time_machine):
    """Stop the clock: pages of one moment are the same to the last byte."""
    time_machine.move_to("2026-11-22 12:00:00+00:00", tick=False)
    return timezone.now()


@pytest.fixture
def article(now, transactional_db):
    return make_article(title="Recovery from Disconnection", published_at=now - DAY)


def path_of(article):
    return article.get_absolute_url()


def page(article, query="", **headers):
    response = Client().get(f"{path_of(article)}{query}", **headers)
    assert response.status_code == 200
    return response.content.decode()


def anew(article, query=""):
    """Return the page as it is with nothing kept, and leave alone what is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "_shelf", frames._Shelf())
        patch.setattr(frames, "watch", None)
        return page(article, query)


def is_kept(article):
    return frames.kept(article.slug, frames.mark(article.slug), timezone.now()) is not None


class TestTrue:
    @pytest.mark.parametrize(
        "change",
        [
            lambda article: Article.objects.filter(pk=article.pk).update(title="Another title"),
            lambda article: Article.objects.filter(pk=article.pk).update(body_html="<p>New</p>"),
            lambda article: Article.objects.filter(pk=article.pk).update(comments_open=False),
            lambda article: make_faq_entry(article),
            lambda article: make_article(title="A neighbour", published_at=article.published_at),
            lambda article: Blog(pk=1, name="Another blog").save(),
            lambda article: DiscussionSettings(pk=1, webmentions_enabled=False).save(),
            lambda article: DiscussionSettings(pk=1, reply_notices_enabled=False).save(),
            lambda article: DiscussionSettings(pk=1, close_after_days=1).save(),
            lambda article: User.objects.update(first_name="Renamed"),
        ],
    )
    def test_after_a_change_of_what_it_shows(self, article, change, time_machine):
        Article.objects.filter(pk=article.pk).update(author=make_user(first_name="Ann"))
        before = page(article)
        assert is_kept(article)
        change(article)
        assert not is_kept(article)
        time_machine.shift(1)
        after = page(article)
        assert after == anew(article)
        assert after != before

    def test_a_new_comment_shows_in_the_frame_that_is_kept(self, article):
        page(article)
        comment = make_comment(article, status=Status.APPROVED, text="Heard, heard.")
        assert is_kept(article)
        assert "Heard, heard." in page(article)
        comment.mark_spam()
        assert "Heard, heard." not in page(article)
        assert page(article) == anew(article)

    def test_a_change_between_the_mark_and_the_reading(self, article, monkeypatch):
        look = belongings.of

        def change_first(*args):
            monkeypatch.setattr(belongings, "of", look)
            Article.objects.filter(pk=article.pk).update(title="A later title")
            return look(*args)

        monkeypatch.setattr(belongings, "of", change_first)
        assert "A later title" not in page(article)
        assert "A later title" in page(article)

    def test_a_change_that_is_taken_back(self, article):
        before = page(article)
        for title in ("Never was", "Never was either"):
            with transaction.atomic():
                Article.objects.filter(pk=article.pk).update(title=title)
                assert title in page(article)
                assert title in page(article)
                transaction.set_rollback(True)
            assert page(article) == before
        # In SQLite this change has the number of those that were taken back.
        Article.objects.filter(pk=article.pk).update(title="Really")
        assert "Really" in page(article)

    def test_drawn_inside_a_transaction_none_is_kept(self, article):
        with transaction.atomic():
            page(article)
        assert not is_kept(article)

    def test_an_article_that_appears_by_itself(self, article, now, time_machine):
        later = make_article(title="Soon to come", published_at=now + DAY)
        assert "Soon to come" not in page(article)
        assert Client().get(path_of(later)).status_code == 404
        time_machine.move_to(now + DAY - datetime.timedelta(microseconds=1), tick=False)
        assert "Soon to come" not in page(article)
        time_machine.move_to(now + DAY, tick=False)
        assert "Soon to come" in page(article)
        assert "Soon to come" in page(later)

    def test_an_article_that_closes_by_itself(self, article, now, time_machine):
        DiscussionSettings(pk=1, close_after_days=1).save()
        before = Client().get(path_of(article), **AS_KEPT)
        assert b"Leave a Reply" in before.content
        assert before["X-Pingback"]
        assert before.wsgi_request.META[UNTIL] > now.timestamp()
        time_machine.move_to(now + datetime.timedelta(microseconds=1), tick=False)
        after = Client().get(path_of(article), **AS_KEPT)
        assert b"Comments are closed." in after.content
        assert "X-Pingback" not in after
        assert after.wsgi_request.META[UNTIL] is None

    def test_however_long_nobody_asked(self, article, now, time_machine):
        PageChange.objects.all().delete()
        page(article)
        Article.objects.filter(pk=article.pk).update(title="Of days ago")
        # As the housekeeping does with old notes: the frame's mark is what it was.
        PageChange.objects.all().delete()
        time_machine.move_to(now + frames.LONGEST_KEPT, tick=False)
        assert "Of days ago" in page(article)

    def test_withdrawn_deleted_and_moved(self, article):
        page(article)
        Article.objects.filter(pk=article.pk).update(slug="elsewhere")
        assert Client().get(path_of(article)).status_code == 404
        article.refresh_from_db()
        assert page(article)
        article.status = Article.Status.DRAFT
        article.store()
        assert Client().get(path_of(article)).status_code == 410

    def test_another_file_has_other_marks(self, tmp_path):
        before = {}
        for name in ("one", "other"):
            (tmp_path / name).touch()
            opened: Any = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": tmp_path / name})
            marks.note_file(connection=opened)
            before[name] = vars(opened)[marks._FILE]
        assert before["one"] != before["other"]

    def test_the_file_is_part_of_the_mark(self, article, monkeypatch):
        before = frames.mark(article.slug)
        monkeypatch.setattr(connection, marks._FILE, "another", raising=False)
        assert frames.mark(article.slug) != before


@pytest.fixture
def shown(request):
    """Return the address of an article of a site that shows one of everything."""
    path = request.getfixturevalue("pages")[1]
    Article.objects.filter(slug=path.split("/")[2]).update(slug=SLUG)
    return [f"/articles/{SLUG}/"]


def tried(shown, change):
    """Make the change and take it back; say whether the kept frame has led to another page than the truth."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                change()
        except Error:
            return False  # The database does not allow it.
        if frames.kept(SLUG, frames.mark(SLUG), timezone.now()) is None:
            transaction.set_rollback(True)
            return False  # It is drawn anew.
        seen = look(shown)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(frames, "_shelf", frames._Shelf())
            is_stale = seen != look(shown)
        transaction.set_rollback(True)
    return is_stale


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.label_lower)
def test_no_column_and_no_row_outlives_its_change(shown, model):
    look(shown)
    assert len(frames._shelf) == 1
    stale = [
        name
        for name, rows, values in changes_to(model)
        if tried(shown, lambda rows=rows, values=values: rows.update(**values))
    ]
    stale += [
        f"{row} deleted"
        for row in model.objects.all()
        if tried(shown, model.objects.get(pk=row.pk).delete)
    ]
    assert stale == []
    assert len(frames._shelf) == 1


def test_the_search_finds_what_nobody_watches(shown):
    PageChange.objects.all().delete()
    look(shown)

    def change():
        Article.objects.update(title="Unnoted")
        PageChange.objects.all().delete()

    assert tried(shown, change)


class TestOfNobody:
    VISITOR: dict[str, Any] = {
        "HTTP_HOST": "localhost:8123",
        "HTTP_COOKIE": "theme=visitor-mark",
        "HTTP_ACCEPT_LANGUAGE": "de-visitor-mark",
        "HTTP_USER_AGENT": "visitor-mark",
        "HTTP_REFERER": "https://visitor-mark.example/",
        "REMOTE_ADDR": "192.0.2.77",
    }

    def test_it_holds_nothing_of_whoever_had_it_drawn(self, article):
        comment = make_comment(article, status=Status.APPROVED)
        plain = anew(article)
        response = Client().get(
            f"{path_of(article)}?reply={comment.pk}&utm_source=visitor-mark", **self.VISITOR
        )
        assert f"Reply to {comment.author_name}" in response.content.decode()
        frame = frames.kept(article.slug, frames.mark(article.slug), timezone.now())
        held = b"".join(piece for piece in frame.pieces if isinstance(piece, bytes))
        assert b"visitor-mark" not in held
        assert b"8123" not in held
        assert b'name="token"' not in held
        assert page(article) == plain

    def test_each_page_of_the_conversation_is_filled_into_the_same(self, article):
        first = make_many(article, 60)[0]
        page(article)
        for query in ("?page=2", f"?thread={first.pk}", f"?reply={first.pk}"):
            assert is_kept(article)
            assert page(article, query) == anew(article, query)
        assert Client().get(f"{path_of(article)}?page=3").status_code == 404
        there = Client().get(f"{path_of(article)}?comment={first.pk}")
        assert there.status_code == 302

    def test_who_has_a_session_has_a_page_of_their_own(self, article, client):
        page(article)
        user = make_user(first_name="Sig", last_name="Ned")
        client.force_login(user)
        assert "Signed in as Sig Ned." in client.get(path_of(article)).content.decode()
        assert "Signed in" not in page(article)
        frames.forget()
        client.get(path_of(article))
        assert len(frames._shelf) == 0

    def test_what_was_typed_is_on_the_refused_page_alone(self, article):
        before = page(article)
        refused = Client().post(f"{path_of(article)}comments/", {"comment": "typed-mark"})
        assert refused.status_code == 400
        assert b"typed-mark" in refused.content
        assert page(article) == before

    def test_a_draft_is_not_kept(self, admin_client, now):
        draft = make_article(status=Article.Status.DRAFT, published_at=None)
        assert admin_client.get(path_of(draft)).status_code == 200
        assert Client().get(path_of(draft)).status_code == 404
        assert len(frames._shelf) == 0

    def test_stored_words_are_no_places(self, article):
        spelt = "".join(f"\x02{number}\x03\x02-{number}\x03" for number in range(4))
        make_faq_entry(article, question=f"{spelt}?", credit_name=spelt, credit_anchor="x")
        Article.objects.filter(pk=article.pk).update(title=spelt)
        make_comment(article, status=Status.APPROVED, author_name=spelt)
        whole = page(article)
        assert whole.count('id="respond"') == 1
        assert whole.count(spelt) >= 4
        # Nor can any be spelt that were seen before.
        assert frames._Places().take(str) != frames._Places().take(str)


class TestTemplates:
    @pytest.fixture
    def template(self, settings, tmp_path):
        """Return a function that puts words before the end of the article's template."""
        settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
        original = settings.BASE_DIR / "templates/articles/article.html"
        [(_, loaders)] = settings.TEMPLATES[0]["OPTIONS"]["loaders"]
        loaders.insert(0, ("django.template.loaders.filesystem.Loader", [tmp_path]))

        def add(words):
            (tmp_path / "articles").mkdir()
            end = "{% endblock main %}"
            text = original.read_text().replace(end, words + end)
            (tmp_path / "articles/article.html").write_text(text)
            autoreload.reset_loaders()

        return add

    def test_what_somebody_adds_is_part_of_the_frame(self, article, template):
        template("<p>{{ article.slug }} of {{ blog.name }}: {{ request.GET.q }}{{ user.pk }}</p>")
        for query in ("?q=visitor-mark", ""):
            assert f"<p>{article.slug} of Recovery: None</p>" in page(article, query)
        assert is_kept(article)

    def test_what_reads_unwatched_tables_is_true_and_not_kept(self, article, template):
        template("<p>{{ article.comments.count }} comments</p>")
        for number in range(3):
            assert f"<p>{number} comments</p>" in page(article)
            assert not is_kept(article)
            make_comment(article, status=Status.APPROVED)
