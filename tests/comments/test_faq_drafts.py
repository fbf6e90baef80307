"""From comment to FAQ: what is taken over, what is refused, and that it happens once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from articles import rendering
from articles.models import FaqEntry
from comments import faq_drafts
from comments.faq_drafts import FaqRefused, draft_from
from comments.models import Comment, FaqOrigin, Kind, ResponseType, Status
from tests.builders import make_article, make_comment, make_faq_entry, make_pingback, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_user(first_name="Maren", last_name="Holt")


@pytest.fixture
def article(author):
    return make_article(author=author)


def asked(article, text="How long does it take?", **kwargs):
    return make_comment(article, text=text, **{"status": Status.APPROVED, **kwargs})


def answered(question, user, text="About a *year*.", **kwargs):
    values = {"status": Status.APPROVED, "parent": question, "user": user}
    return make_comment(question.article, text=text, **{**values, **kwargs})


def question_in(text, **kwargs):
    return draft_from(asked(make_article(), text, **kwargs), by=None).question


class TestDraft:
    def test_holds_question_answer_and_credit_and_is_not_published(
        self, article, author, moderator
    ):
        make_faq_entry(article, position=6)
        comment = asked(article, author_name="Ann")
        answered(comment, author)

        entry = draft_from(comment, by=moderator)

        entry.refresh_from_db()
        assert (entry.article, entry.question) == (article, "How long does it take?")
        assert entry.answer == "About a *year*."
        assert "<em>year</em>" in entry.answer_html
        assert (entry.credit_name, entry.credit_anchor) == ("Ann", f"comment-{comment.pk}")
        assert (entry.is_published, entry.position) == (False, 7)
        assert entry.anchor == "faq-how-long-does-it-take"
        origin = FaqOrigin.objects.get()
        assert (origin.comment, origin.entry, origin.user) == (comment, entry, moderator)

    def test_of_the_answer_is_that_of_its_question(self, article, author, moderator):
        comment = asked(article, author_name="Ann")
        answer = answered(comment, author)

        entry = draft_from(answer, by=moderator)

        assert (entry.question, entry.answer) == ("How long does it take?", answer.text)
        assert FaqOrigin.objects.get().comment == comment
        assert draft_from(comment, by=moderator) == entry

    def test_of_what_the_author_asks_is_a_question_like_any(self, article, author):
        comment = asked(article, "And you?", user=author)
        again = answered(comment, author, "I do. Do you?")

        assert draft_from(comment, by=author).answer == "I do. Do you?"
        assert draft_from(again, by=author).question == "Do you?"

    def test_takes_the_first_answer_of_the_house_alone(self, article, author, moderator):
        comment = asked(article)
        answered(comment, None, "A reader thinks so.")
        answered(comment, make_user(), "Somebody with an account thinks so.")
        answered(comment, moderator, "Held.", status=Status.PENDING)
        answered(comment, moderator, "The moderator says so.")
        answered(comment, author, "The author says so.")

        assert draft_from(comment, by=author).answer == "The moderator says so."

    def test_waits_for_its_answer_where_there_is_none(self, article, author):
        comment = asked(article)

        entry = draft_from(comment, by=author)

        assert (entry.answer, entry.answer_html) == ("", "")

    def test_is_made_of_what_is_not_decided_yet(self, article):
        assert draft_from(asked(article, status=Status.PENDING), by=None).pk

    def test_of_a_page_that_links_here_takes_its_words(self, article):
        linking = make_pingback(article, text="We wonder: <why> at *all*?", author_name="A Page")

        entry = draft_from(linking, by=None)

        assert entry.question == "We wonder: <why> at *all*?"
        assert entry.credit_name == "A Page"

    def test_stays_as_it_was_edited_when_it_is_asked_for_again(self, article):
        comment = asked(article)
        entry = draft_from(comment, by=None)
        entry.question, entry.is_published, entry.answer = "Reworded?", True, "Yes."
        entry.store()

        assert draft_from(comment, by=None) == entry
        assert FaqEntry.objects.get().question == "Reworded?"

    def test_can_be_made_anew_once_it_is_deleted(self, article):
        comment = asked(article)
        draft_from(comment, by=None).delete()

        assert draft_from(comment, by=None).pk
        assert FaqOrigin.objects.count() == 1

    def test_may_ask_what_another_asks(self, article):
        first, second = (draft_from(asked(article), by=None) for _ in range(2))

        assert first.question == second.question
        assert first.anchor != second.anchor


class TestRefused:
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"status": Status.SPAM}, "This comment is marked as spam: approve it first."),
            ({"status": Status.TRASH}, "This comment is in the trash: restore it first."),
            ({"withdrawn_at": timezone.now()}, "Its author has withdrawn this comment."),
            (
                {"text": "**…?!** 🙂"},
                "There are no words in this comment to make a question of.",
            ),
            (
                {"kind": Kind.WEBMENTION, "response_type": ResponseType.LIKE, "text": ""},
                "There are no words in this comment to make a question of.",
            ),
        ],
    )
    def test_what_is_no_question(self, article, changes, sentence):
        comment = asked(article, **changes)

        with pytest.raises(FaqRefused) as refused:
            draft_from(comment, by=None)

        assert str(refused.value) == sentence
        assert not FaqEntry.objects.exists()

    def test_the_answer_to_what_is_no_question(self, article, author):
        answer = answered(asked(article, status=Status.SPAM), author)

        with pytest.raises(FaqRefused):
            draft_from(answer, by=None)

    @pytest.mark.parametrize("act", [Comment.move_to_trash, lambda comment: comment.delete()])
    def test_what_is_thrown_away_meanwhile(self, article, act):
        read = asked(article)
        act(Comment.objects.get(pk=read.pk))

        with pytest.raises(FaqRefused):
            draft_from(read, by=None)

        assert not FaqEntry.objects.exists()


class TestQuestion:
    @pytest.mark.parametrize(
        ("text", "question"),
        [
            ("Thank you.\n\nHow long does it take? I ask for a friend.", "How long does it take?"),
            ("Thanks for this\n\nIs it normal?", "Is it normal?"),
            ("Is it? Yes. Or (is it “not”?) Hm.", "Is it? Or (is it “not”?)"),
            ("Really?! I think so.", "Really?!"),
            ("Would e.g. a walk help? I doubt it.", "Would e.g. a walk help?"),
            ("Well ... does it? Yes", "Well ... does it?"),
            ("No question here. At all.", "No question here."),
            ("no mark at all", "no mark at all"),
            (
                "Is **this** the `way`\nto do [it](https://a.example/?x=1)?",
                "Is this the way to do it?",
            ),
            ("See https://a.example/?a=1 please. Right?", "Right?"),
            ("> Does he ask?\n\nDoes she ask?\n\n> > Do they?\n>\n> Do we?", "Does she ask?"),
            ("> Is all of it quoted?", "Is all of it quoted?"),
            ("```\nwhat?\n```\n\n- one\n- two, why?", "two, why?"),
            ("<script>alert(1)</script> & why?", "<script>alert(1)</script> & why?"),
            ("&lt;b&gt; or AT&amp;T ?", "<b> or AT&T ?"),
            ("كم يستغرق هذا؟ شكرا.", "كم يستغرق هذا؟"),
            ("これは何ですか？ありがとう。", "これは何ですか？"),
            ("Why\u202e txt.exe\x07 \u2066so?", "Why txt.exe so?"),
            ("Combien de temps ? Merci.", "Combien de temps ?"),
        ],
    )
    def test_is_what_the_reader_asks_in_plain_words(self, text, question):
        assert question_in(text) == question

    def test_is_cut_at_a_words_end(self):
        question = question_in("Why is this " + "so very " * 100 + "long?")

        assert 290 < len(question) <= 300
        assert question.endswith(("so…", "very…"))

    @pytest.mark.parametrize(
        "text",
        [
            "a" * 10_000,
            "a " * 5_000,
            "a?" * 5_000,
            "a? " * 3_333,
            "a" + "?" * 9_999,
            "a" + "?)" * 4_999,
            "a" + "<" * 9_999,
            "a" + "[" * 9_999,
            "> " * 4_999 + "a?",
            "e\u0301" * 5_000 + "?",
            "何？" * 5_000,
        ],
    )
    def test_of_ten_thousand_hostile_characters_takes_no_time(self, text):
        comment = asked(make_article(), text)
        started = time.process_time()

        entry = draft_from(comment, by=None)

        assert time.process_time() - started < 1
        entry.refresh_from_db()
        assert 0 < len(entry.question) <= 300
        entry.full_clean()


class TestAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_one_question_makes_one_entry(self):
        comment = asked(make_article())

        def make(_):
            try:
                return draft_from(Comment.objects.get(pk=comment.pk), by=None).pk
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            made = set(pool.map(make, range(6)))
        assert made == {FaqEntry.objects.get().pk}
        assert FaqOrigin.objects.count() == 1

    def test_an_entry_made_while_this_one_was_rendered_is_returned(self, article, monkeypatch):
        comment, store = asked(article), faq_drafts._store

        def after_another(*args):
            monkeypatch.setattr(faq_drafts, "_store", store)
            draft_from(comment, by=None)
            return store(*args)

        monkeypatch.setattr(faq_drafts, "_store", after_another)
        assert draft_from(comment, by=None) == FaqEntry.objects.get()

    def test_an_anchor_taken_while_it_was_rendered_is_left_to_the_other(self, article, monkeypatch):
        comment, store = asked(article), faq_drafts._store

        def after_another(*args):
            monkeypatch.setattr(faq_drafts, "_store", store)
            draft_from(asked(article), by=None)
            return store(*args)

        monkeypatch.setattr(faq_drafts, "_store", after_another)
        draft_from(comment, by=None)
        assert set(FaqEntry.objects.values_list("anchor", flat=True)) == {
            "faq-how-long-does-it-take",
            "faq-how-long-does-it-take-2",
        }

    @pytest.mark.django_db(transaction=True)
    def test_the_answer_is_rendered_outside_any_transaction(self, monkeypatch):
        article = make_article(author=make_user())
        comment = asked(article)
        answered(comment, article.author)
        render, rendered = rendering.render_answer, []

        def watching(text, **options):
            assert not connection.in_atomic_block
            rendered.append(text)
            return render(text, **options)

        monkeypatch.setattr("articles.faq.render_answer", watching)
        draft_from(comment, by=None)
        assert rendered == ["About a *year*."]


class TestCredit:
    @pytest.fixture
    def comment(self, article):
        return asked(article, author_name="Ann")

    def test_is_forgotten_for_these_comments_alone(self, article, comment):
        entry, other = draft_from(comment, by=None), draft_from(asked(article), by=None)
        unnamed = make_faq_entry(article, credit_name="Typed by hand")

        Comment.objects.filter(pk=comment.pk).forget_credit()

        for each in (entry, other, unnamed):
            each.refresh_from_db()
        assert (entry.credit_name, entry.credit_anchor) == ("", "")
        assert entry.question == "How long does it take?"
        assert other.credit_name
        assert other.credit_anchor
        assert unnamed.credit_name == "Typed by hand"

    def test_goes_with_the_comment_and_the_entry_stays(self, article, comment):
        entry, other = draft_from(comment, by=None), draft_from(asked(article), by=None)
        comment.move_to_trash()

        assert Comment.objects.filter(status=Status.TRASH).purge() == 1

        entry.refresh_from_db()
        other.refresh_from_db()
        assert (entry.credit_name, entry.credit_anchor) == ("", "")
        assert other.credit_name
        assert FaqOrigin.objects.get().entry == other

    def test_of_many_is_forgotten_in_one_query(self, article, django_assert_num_queries):
        comments = [asked(article) for _ in range(3)]
        for each in comments:
            draft_from(each, by=None)

        with django_assert_num_queries(1):
            Comment.objects.filter(pk__in=[comment.pk for comment in comments]).forget_credit()

        assert not FaqEntry.objects.exclude(credit_name="").exists()
