"""What is found, in which order, and what never is."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from articles import derived
from articles.models import Article, FaqEntry
from articles.search import postgres
from articles.search.finding import PER_PAGE, search
from articles.search.matching import MOST
from comments.models import Comment, Kind, ResponseType, Status
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def titles(query, page=1):
    return [(one.result.kind, one.result.title) for one in search(query, page).shown]


def urls(query):
    return [one.result.url for one in search(query).shown]


class TestOrder:
    def test_titles_then_headings_and_questions_then_texts_then_comments(self):
        host = make_article(title="Host", body="Nothing of that.")
        make_comment(host, status=Status.APPROVED, text="I like sourdough.")
        make_article(title="In the text", body="All about sourdough.")
        make_article(title="In a heading", body="Text.\n\n## Sourdough\n\nMore.")
        make_faq_entry(host, question="Why sourdough?", answer="Because.")
        make_faq_entry(host, question="What else?", answer="Sourdough, too.")
        make_article(title="Sourdough", body="Text.")
        found = titles("sourdough")
        assert found[0] == ("article", "Sourdough")
        assert set(found[1:3]) == {("article", "In a heading"), ("question", "Why sourdough?")}
        assert set(found[3:5]) == {("article", "In the text"), ("question", "What else?")}
        assert found[5:] == [("comment", "Host")]

    def test_of_the_same_kind_the_newest_comes_first(self):
        now = timezone.now()
        for age in (2, 0, 1):
            make_article(title=f"Bread, day {age}", published_at=now - age * DAY)
        assert [title for _, title in titles("bread")] == [f"Bread, day {age}" for age in (0, 1, 2)]

    def test_a_title_that_is_just_that_comes_before_newer_ones(self):
        make_article(title="Rest", published_at=timezone.now() - DAY)
        make_article(title="The rest of it")
        assert titles("rest")[0] == ("article", "Rest")

    def test_among_texts_a_title_with_one_of_the_words_comes_first(self):
        make_article(title="Recovery", body="About fatigue.", published_at=timezone.now() - DAY)
        make_article(title="Other", body="Recovery and fatigue.")
        assert titles("recovery fatigue") == [("article", "Recovery"), ("article", "Other")]


class TestWhatIsAsked:
    @pytest.fixture(autouse=True)
    def _articles(self, db):
        make_article(title="Café crème", body="A naïve well-known recipe for Straße.")
        make_article(title="Letters home", body="Bread and butter. Salt of the earth.")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("cafe", ["Café crème"]),
            ("CAFÉ", ["Café crème"]),
            ("cafe\u0301", ["Café crème"]),
            ("naive", ["Café crème"]),
            ("straße", ["Café crème"]),
            ("lett", ["Letters home"]),
            ("lett home", []),
            ("home lett", ["Letters home"]),
            ('"lett"', []),
            ("butter bread", ["Letters home"]),
            ('"bread and butter"', ["Letters home"]),
            ('"butter and bread"', []),
            ("“bread and butter”", ["Letters home"]),
            ('"bread and', ["Letters home"]),
            ("well-known", ["Café crème"]),
            ("known-well", []),
            ("bread -recipe", ["Letters home"]),
            ("bread -salt", []),
            ("home -salt", []),
            ('bread -"earth salt"', ["Letters home"]),
            ('bread -"salt of the"', []),
            ("recipe café", ["Café crème"]),
            ("bread recipe", []),
        ],
    )
    def test_finds(self, query, found):
        assert [title for _, title in titles(query)] == found

    @pytest.mark.parametrize(
        ("text", "query"),
        [
            ("हिन्दी में लिखा", "हिन्दी"),
            ("العودة إلى النفس", "العودة"),
            ("שלום עולם", "שלום"),
            ("Восстановление сил", "восстан"),
            ("你好，世界", "世界"),
            ("接続からの回復", "接続"),
        ],
    )
    def test_any_script(self, text, query):
        make_article(title="Elsewhere", body=text)
        assert titles(query) == [("article", "Elsewhere")]


class TestOnlyWhatIsPublic:
    @pytest.mark.parametrize(
        "hide",
        [
            lambda article: Article.objects.filter(pk=article.pk).update(status="draft"),
            lambda article: Article.objects.filter(pk=article.pk).update(
                published_at=timezone.now() + DAY
            ),
            lambda article: article.delete(),
            lambda article: Article.objects.filter(pk=article.pk).delete(),
        ],
        ids=["draft", "later", "deleted", "deleted in bulk"],
    )
    def test_an_article_that_is_hidden_takes_all_of_it_along(self, hide):
        article = make_article(title="Quinoa", body="quinoa")
        make_faq_entry(article, question="Quinoa?", answer="quinoa")
        make_comment(article, status=Status.APPROVED, text="quinoa")
        assert len(urls("quinoa")) == 3
        hide(article)
        assert urls("quinoa") == []

    def test_a_scheduled_article_is_there_when_it_is_due(self, time_machine):
        article = make_article(title="Quinoa", published_at=timezone.now() + DAY)
        make_faq_entry(article, question="Quinoa?", answer="quinoa")
        assert urls("quinoa") == []
        time_machine.move_to(timezone.now() + 2 * DAY)
        assert len(urls("quinoa")) == 2

    def test_a_question_that_is_taken_back(self):
        entry = make_faq_entry(make_article(), question="Quinoa?", answer="quinoa")
        assert urls("quinoa") == [entry.get_absolute_url()]
        FaqEntry.objects.update(is_published=False)
        assert urls("quinoa") == []
        FaqEntry.objects.update(is_published=True)
        assert len(urls("quinoa")) == 1

    @pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.TRASH])
    def test_a_comment_that_is_not_approved(self, status):
        comment = make_comment(text="quinoa")
        assert urls("quinoa") == []
        comment.approve()
        assert urls("quinoa") == [comment.get_absolute_url()]
        comment.move_to(status)
        assert urls("quinoa") == []

    def test_likes_are_only_counted(self):
        make_pingback(
            status=Status.APPROVED,
            kind=Kind.WEBMENTION,
            response_type=ResponseType.LIKE,
            text="quinoa",
        )
        assert urls("quinoa") == []

    def test_addresses_are_not_searched(self):
        make_comment(
            status=Status.APPROVED,
            text="words",
            author_name="Zoë Quill",
            address="mail@quinoa.example",
        )
        assert urls("quinoa") == urls("mail") == []
        assert len(urls("zoe quill")) == 1

    def test_a_new_text_is_found_and_the_old_one_is_not(self):
        article = make_article(title="One", body="quinoa")
        article.title, article.body = "Two", "amaranth"
        article.store()
        assert (urls("quinoa"), urls("one")) == ([], [])
        assert urls("amaranth") == urls("two") == [article.get_absolute_url()]
        Comment.objects.filter(pk=make_comment(article, status=Status.APPROVED).pk).update(
            text="buckwheat"
        )
        assert len(urls("buckwheat")) == 1


class TestResults:
    def test_lead_to_the_place(self):
        article = make_article(slug="there")
        entry = make_faq_entry(article, question="Quinoa?")
        early = make_comment(article, status=Status.APPROVED, text="quinoa")
        late = make_comment(article, status=Status.APPROVED, text="quinoa")
        Comment.objects.filter(pk=late.pk).update(is_late=True)
        assert set(urls("quinoa")) == {
            f"/articles/there/#{entry.anchor}",
            f"/articles/there/#comment-{early.pk}",
            f"/articles/there/?comment={late.pk}#comment-{late.pk}",
        }

    def test_show_the_words_around_and_mark_them(self):
        make_article(
            title="The bread", body=f"{'Long before. ' * 60}Then <i>bread</i> & salt came."
        )
        [shown] = search("bread salt").shown
        assert [(piece.text, piece.is_asked) for piece in shown.title] == [
            ("The ", False),
            ("bread", True),
        ]
        text = "".join(piece.text for piece in shown.snippet)
        assert text.startswith("… ")
        assert "Then bread & salt came." in text
        assert len(text) < 300
        assert [piece.text for piece in shown.snippet if piece.is_asked] == ["bread", "salt"]

    def test_what_is_found_in_code_is_shown(self):
        make_article(body="Words.\n\n```\nlaunch --quickly\n```\n\nMore.")
        [shown] = search("quickly").shown
        assert [piece.text for piece in shown.snippet if piece.is_asked] == ["quickly"]

    @pytest.mark.parametrize("many", [0, 2_500])
    def test_common_and_rare_words_are_found_alike(self, monkeypatch, many):
        monkeypatch.setattr(postgres, "MANY", many)
        hidden = make_article(title="Bread", status="draft")
        articles = [make_article(title=f"Bread {n}") for n in range(3)]
        make_article(title="Rye bread")
        assert urls("bread -rye") == [one.get_absolute_url() for one in reversed(articles)]
        assert hidden.get_absolute_url() not in urls("bread")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SHOW enable_seqscan")
                assert cursor.fetchone() == ("on",), "nothing of it is left behind"

    def test_come_in_pages_and_no_more_than_a_hundred(self):
        make_article(title="Bread 0")
        rows = [
            Article(
                title=f"Bread {n}", slug=f"b{n}", status="published", published_at=timezone.now()
            )
            for n in range(1, MOST + 5)
        ]
        Article.objects.bulk_create(rows)
        pages = [search("bread", page) for page in range(1, 11)]
        assert {(page.total, page.pages, page.is_more) for page in pages} == {(MOST, 10, True)}
        found = [one.result.url for page in pages for one in page.shown]
        assert len(set(found)) == len(found) == MOST
        assert len(pages[0].shown) == PER_PAGE

    def test_take_few_queries(self, django_assert_max_num_queries):
        article = make_article(title="Bread")
        make_faq_entry(article, question="Bread?")
        for _ in range(9):
            make_comment(article, status=Status.APPROVED, text="bread")
        with django_assert_max_num_queries(11 if connection.vendor == "sqlite" else 20):
            assert len(search("bread").shown) == PER_PAGE


class TestIndex:
    def test_made_anew_it_finds_the_same(self):
        article = make_article(title="Bread", body="## Salt\n\nbutter")
        make_faq_entry(article, question="Bread?")
        make_comment(article, status=Status.APPROVED, text="bread")
        make_comment(article, text="bread")
        before = urls("bread")
        derived.remove()
        make_article(title="More bread")
        assert urls("bread") == before
        derived.install()
        assert derived.missing() == set()
        assert set(urls("bread")) > set(before)
        assert len(urls("bread")) == len(before) + 1
        Article.objects.all().delete()
        assert urls("bread") == []
