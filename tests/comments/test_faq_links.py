"""A question in the FAQ and its comment in the thread lead to each other, for readers and in the admin."""

import re

import pytest
from django.urls import reverse

from comments.faq_drafts import draft_from
from comments.models import Comment, Status
from comments.thread_pages import read
from tests.builders import make_comment, make_pingback, make_user
from tests.comments.queue import body

pytestmark = pytest.mark.django_db
IN_FAQ = "Answered in the FAQ"


@pytest.fixture
def comment(article):
    return make_comment(article, status=Status.APPROVED, text="How long?", author_name="Ann & Co.")


@pytest.fixture
def draft(comment):
    return draft_from(comment, by=None)


@pytest.fixture
def entry(draft):
    draft.answer, draft.is_published = "A year.", True
    draft.store()
    return draft


def page(client, article):
    return body(client.get(article.get_absolute_url()))


def faq_and_thread(markup):
    faq, _, thread = markup.partition('<section id="responses"')
    return faq, thread


class TestReaders:
    def test_are_led_both_ways(self, client, article, comment, entry):
        faq, thread = faq_and_thread(page(client, article))

        credit = (
            f'<a href="#comment-{comment.pk}">Asked by <bdi>Ann &amp; Co.</bdi> in the comments</a>'
        )
        assert credit in faq
        assert f'<a href="#{entry.anchor}">{IN_FAQ}</a>' in thread
        assert re.search(rf'<li id="comment-{comment.pk}"', thread)
        assert f'<details id="{entry.anchor}">' in faq

    def test_are_led_from_a_page_that_links_here_too(self, client, article):
        linking = make_pingback(article, status=Status.APPROVED, text="They ask: why?")
        entry = draft_from(linking, by=None)
        entry.answer, entry.is_published = "So.", True
        entry.store()

        faq, thread = faq_and_thread(page(client, article))

        assert f'href="#comment-{linking.pk}"' in faq
        assert f'<a href="#{entry.anchor}">{IN_FAQ}</a>' in thread

    def test_are_led_from_the_question_alone(self, client, article, comment, entry):
        make_comment(article, status=Status.APPROVED, parent=comment)
        make_comment(article, status=Status.APPROVED)

        assert page(client, article).count(IN_FAQ) == 1

    def test_see_nothing_of_a_draft(self, client, article, draft):
        markup = page(client, article)

        assert draft.anchor not in markup
        assert IN_FAQ not in markup
        assert "Asked by" not in markup

    @pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.TRASH])
    def test_are_not_led_to_a_comment_that_is_not_shown(
        self, client, article, comment, entry, status
    ):
        comment.move_to(status)

        markup = page(client, article)

        assert "Asked by <bdi>Ann &amp; Co.</bdi> ·" in markup
        assert f"comment-{comment.pk}" not in markup

    @pytest.mark.parametrize("act", ["erased", "purged"])
    def test_read_no_name_that_is_forgotten(self, client, article, comment, entry, act):
        asked = Comment.objects.filter(pk=comment.pk)
        asked.forget_credit() if act == "erased" else asked.purge()

        faq, _ = faq_and_thread(page(client, article))

        assert "How long?" in faq
        assert "Ann" not in faq
        assert "Asked by" not in faq

    def test_read_the_readers_words_as_words(self, client, article):
        hostile = "<img src=x onerror=alert(1)> **bold** \u202e [x](javascript:alert(1))?"
        comment = make_comment(article, status=Status.APPROVED, text=hostile)
        entry = draft_from(comment, by=None)
        entry.answer, entry.is_published = "No.", True
        entry.store()

        faq, _ = faq_and_thread(page(client, article))

        assert "&lt;img src=x onerror=alert(1)&gt; bold [x](javascript:alert(1))?" in faq
        assert "<img" not in faq
        assert "\u202e" not in faq


class TestQueries:
    @pytest.mark.parametrize("number", [1, 20])
    def test_the_links_cost_none(
        self, client, article, number, django_assert_num_queries, django_assert_max_num_queries
    ):
        for _ in range(number):
            entry = draft_from(make_comment(article, status=Status.APPROVED), by=None)
            entry.answer, entry.is_published = "Yes.", True
            entry.store()

        with django_assert_num_queries(1):
            read(article)
        with django_assert_max_num_queries(8):
            markup = page(client, article)
        assert markup.count(IN_FAQ) == markup.count("Asked by") == number


class TestAdmin:
    def change(self, article):
        return reverse("admin:articles_article_change", args=[article.pk])

    def about(self, comment):
        return reverse("admin:comments_comment_change", args=[comment.pk])

    def test_the_article_names_the_comments_of_its_drafts(
        self, admin_client, article, comment, draft
    ):
        markup = body(admin_client.get(self.change(article)))

        panel = markup.partition("Drafts from readers’ questions")[2]
        assert (
            f'<a href="{self.about(comment)}">the comment of <bdi>Ann &amp; Co.</bdi></a>' in panel
        )
        assert "(no answer yet)" in panel

    def test_the_article_names_none_that_is_published(self, admin_client, article, entry):
        assert "Drafts from readers" not in body(admin_client.get(self.change(article)))

    def test_the_comment_leads_to_its_draft(self, admin_client, article, comment, draft):
        markup = body(admin_client.get(self.about(comment)))

        assert "A draft FAQ entry was made of this" in markup
        assert f'href="{self.change(article)}#faq_entries-group"' in markup
        assert 'id="faq_entries-group"' in body(admin_client.get(self.change(article)))
        assert "See it on the page" not in markup

    def test_the_comment_leads_to_its_entry(self, admin_client, comment, entry):
        markup = body(admin_client.get(self.about(comment)))

        assert f'<a href="{entry.get_absolute_url()}">See it on the page</a>' in markup

    def test_to_moderate_is_not_to_edit(self, client, article, comment, moderator):
        draft_from(comment, by=moderator)
        client.force_login(moderator)

        assert client.get(self.change(article)).status_code == 403

        client.force_login(make_user("articles.change_article"))
        assert client.get(self.change(article)).status_code == 200
