"""Writing articles in the admin."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Blog, FaqEntry, OldSlug
from tests.builders import make_article, make_faq_entry, make_user

ADD = "/admin/articles/article/add/"
LIST = "/admin/articles/article/"


def fields(
    faq: list[dict[str, object]] | None = None, existing: int = 0, **kwargs
) -> dict[str, object]:
    """Return a filled form: an article and its questions."""
    values: dict[str, object] = {
        "title": "A title",
        "body": "A *body*.",
        "summary": "",
        "slug": "",
        "author": "",
        "author_name": "",
        "status": "draft",
        "published_at_0": "",
        "published_at_1": "",
        "comments_open": "on",
        "linkbacks_open": "on",
        "faq_entries-TOTAL_FORMS": len(faq or []),
        "faq_entries-INITIAL_FORMS": existing,
    }
    for number, entry in enumerate(faq or []):
        values |= {f"faq_entries-{number}-{name}": value for name, value in entry.items()}
    return {**values, **kwargs}


def change_url(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


def body(response) -> str:
    return str(response.content, "utf-8")


@pytest.mark.parametrize(
    "title", ["Τι έμαθα", "接続からの回復", "Восстановление", "Ünïcode & Co.", "!?"]
)
def test_a_title_in_any_script_makes_an_address(admin_client, title):
    answer = admin_client.post(ADD, fields(title=title))

    assert answer.status_code == 302
    article = Article.objects.get()
    assert article.title == title
    assert article.slug
    assert "<em>body</em>" in article.body_html
    assert admin_client.get(article.get_absolute_url()).status_code == 200


def test_the_same_title_twice_makes_two_addresses(admin_client):
    for _ in range(2):
        admin_client.post(ADD, fields())

    assert len(set(Article.objects.values_list("slug", flat=True))) == 2


@pytest.fixture
def rival(monkeypatch):
    """Let somebody else store an article at this address just after the form was checked."""

    def store(slug: str) -> None:
        render = Article.render

        def late(article: Article) -> None:
            monkeypatch.setattr(Article, "render", render)
            make_article(title="The other one", slug=slug)
            render(article)

        monkeypatch.setattr(Article, "render", late)

    return store


def test_an_address_that_somebody_takes_at_the_same_moment_is_an_error_of_the_form(
    admin_client, rival
):
    rival("rest")
    typed: list[dict[str, object]] = [{"question": "Why so?", "answer": "Because it is so."}]
    answer = admin_client.post(ADD, fields(typed, slug="rest", body="An hour of writing."))

    assert answer.status_code == 200
    assert "Article with this Slug already exists." in body(answer)
    assert "An hour of writing." in body(answer)
    assert "Because it is so." in body(answer)
    assert Article.objects.get().title == "The other one"


def test_a_change_to_an_address_that_somebody_takes_at_the_same_moment_too(admin_client, rival):
    article = make_article(slug="mine")
    rival("rest")
    answer = admin_client.post(change_url(article), fields(slug="rest"))

    assert "Article with this Slug already exists." in body(answer)
    article.refresh_from_db()
    assert article.slug == "mine"


def test_publishing_without_a_date_publishes_now(admin_client):
    before = timezone.now()

    admin_client.post(ADD, fields(status="published"))

    article = Article.objects.get()
    assert article.published_at is not None
    assert before <= article.published_at <= timezone.now()
    assert list(Article.objects.published()) == [article]


def test_the_author_is_who_writes_unless_said_otherwise(admin_client, admin_user):
    page = body(admin_client.get(ADD))

    assert re.search(rf'<option value="{admin_user.pk}" selected>', page)
    assert 'data-prepopulated-fields="[]"' in page or "data-prepopulated-fields" not in page


def test_questions_are_edited_with_their_article_in_their_order(admin_client):
    faq: list[dict[str, object]] = [
        {"question": "Second?", "answer": "*Yes*.", "position": "2"},
        {"question": "Last?", "answer": "Yes.", "position": ""},
        {"question": "First?", "answer": "Yes.", "position": "1"},
    ]
    admin_client.post(ADD, fields(faq=faq))

    questions = [entry.question for entry in FaqEntry.objects.all()]
    assert questions == ["First?", "Second?", "Last?"]
    second = FaqEntry.objects.get(question="Second?")
    assert "<em>Yes</em>" in second.answer_html
    assert second.anchor


def test_a_question_without_position_follows_the_others(admin_client, article):
    for position in (3, 7):
        make_faq_entry(article, position=position)
    entries = list(article.faq_entries.all())
    faq: list[dict[str, object]] = [
        {
            "id": e.pk,
            "article": article.pk,
            "question": e.question,
            "answer": e.answer,
            "position": e.position,
        }
        for e in entries
    ]
    faq.append({"article": article.pk, "question": "New?", "answer": "Yes.", "position": ""})
    page = body(admin_client.get(change_url(article)))
    assert re.search(r'name="faq_entries-2-position"(?![^>]*value=)', page)

    data = fields(faq=faq, existing=2, title=article.title, slug=article.slug)
    assert admin_client.post(change_url(article), data).status_code == 302

    assert [entry.question for entry in article.faq_entries.all()][-1] == "New?"


def test_pictures_that_browsers_do_not_show_are_named(admin_client, settings):
    settings.SITE_URL = "http://intranet.example"
    shown = (
        "![a](https://pictures.example/1.png) ![b](/static/2.png) `<img src='http://3.example'>`"
        f" ![own]({settings.SITE_URL}/static/2.png)"
    )
    unseen = "![1 > 0](HTTP://pictures.example/4.png?a&b) ![c](http://pictures.example/4.png)"
    faq: list[dict[str, object]] = [
        {"question": "And here?", "answer": "![d](http://pictures.example/5.png)"}
    ]
    answer = admin_client.post(ADD, fields(body=f"{shown} {unseen}", faq=faq), follow=True)

    said = [str(one) for one in answer.context["messages"] if one.level_tag == "warning"]
    assert [re.findall(r"\S+//\S+(?=:)", one) for one in said] == [
        ["HTTP://pictures.example/4.png?a&b"],
        ["http://pictures.example/4.png"],
        ["http://pictures.example/5.png"],
    ]


def test_a_reworded_question_keeps_its_anchor_and_a_deleted_one_goes(admin_client, article):
    kept, gone = make_faq_entry(article), make_faq_entry(article)
    faq: list[dict[str, object]] = [
        {
            "id": kept.pk,
            "article": article.pk,
            "question": "Reworded?",
            "answer": "**New**.",
            "position": 1,
        },
        {
            "id": gone.pk,
            "article": article.pk,
            "question": "x",
            "answer": "x",
            "position": 2,
            "DELETE": "on",
        },
    ]

    data = fields(faq=faq, existing=2, title=article.title, slug=article.slug)
    admin_client.post(change_url(article), data)

    entry = FaqEntry.objects.get()
    assert (entry.pk, entry.question, entry.anchor) == (kept.pk, "Reworded?", kept.anchor)
    assert "<strong>New</strong>" in entry.answer_html


def test_a_changed_slug_leaves_the_old_address_leading_on(admin_client, client, article):
    old = article.get_absolute_url()
    data = fields(title=article.title, slug="elsewhere", status="published")
    data |= {
        "published_at_0": f"{article.published_at:%Y-%m-%d}",
        "published_at_1": f"{article.published_at:%H:%M:%S}",
    }

    admin_client.post(change_url(article), data)

    assert client.get(old).url == "/articles/elsewhere/"


@pytest.mark.parametrize("taken", ["now", "formerly"])
def test_a_taken_slug_is_explained_and_nothing_typed_is_lost(admin_client, taken):
    other = make_article(slug="taken" if taken == "now" else "other")
    if taken == "formerly":
        OldSlug.objects.create(slug="taken", article=other)

    data = fields(
        title="Mine",
        body="Every word I typed.",
        slug="taken",
        faq=[{"question": "Why?", "answer": "So."}],
    )
    answer = admin_client.post(ADD, data)

    assert answer.status_code == 200
    assert Article.objects.count() == 1
    page = body(answer)
    for part in ("Every word I typed.", 'value="Mine"', 'value="Why?"', "So.", "errorlist"):
        assert part in page, part


def test_a_draft_is_previewed_by_those_who_may_see_it_alone(client, admin_client, db):
    draft = make_article(status="draft", published_at=None, title="Not yet")
    url = draft.get_absolute_url()

    assert client.get(url).status_code == 404
    client.force_login(make_user())
    assert client.get(url).status_code == 404
    client.force_login(make_user("articles.view_article"))
    assert client.get(url).status_code == 200
    page = body(admin_client.get(change_url(draft)))
    assert f'<a href="{url}" class="viewsitelink">Preview</a>' in page


def test_publishing_from_the_list_keeps_a_date_and_sets_a_missing_one(admin_client, db):
    long_ago = timezone.now() - datetime.timedelta(days=400)
    dated = make_article(status="draft", published_at=long_ago)
    undated = make_article(status="draft", published_at=None)
    data = {"action": "publish", "index": "0", "_selected_action": [dated.pk, undated.pk]}

    answer = admin_client.post(LIST, data, follow=True)

    assert "Published 2 articles." in body(answer)
    assert set(Article.objects.published()) == {dated, undated}
    dated.refresh_from_db()
    assert dated.published_at == long_ago


def test_an_article_is_made_a_draft_again(admin_client, client, article):
    data = {"action": "make_draft", "index": "0", "_selected_action": [article.pk]}

    admin_client.post(LIST, data)

    assert client.get(article.get_absolute_url()).status_code == 410
    article.refresh_from_db()
    assert article.published_at is not None


def test_the_list_tells_scheduled_articles_from_shown_ones(admin_client, db):
    make_article(published_at=timezone.now() + datetime.timedelta(days=1))

    assert "Scheduled" in body(admin_client.get(LIST))


def test_actions_take_the_permission_to_change(client, article):
    client.force_login(make_user("articles.view_article"))

    client.post(LIST, {"action": "make_draft", "index": "0", "_selected_action": [article.pk]})

    article.refresh_from_db()
    assert article.is_published


def test_the_blog_is_one_form(admin_client, db):
    form = reverse("admin:articles_blog_change", args=[1])
    assert admin_client.get(reverse("admin:articles_blog_changelist")).url == form
    assert admin_client.get(reverse("admin:articles_blog_change", args=[2])).status_code == 302

    data = {"name": "My place", "tagline": "", "articles_per_page": 5, "entries_per_feed": 20}
    for _ in range(2):
        assert admin_client.post(form, data).status_code == 302

    blog = Blog.objects.get()
    assert (blog.pk, blog.name, blog.articles_per_page) == (1, "My place", 5)
    assert admin_client.get(reverse("admin:articles_blog_add")).status_code == 403
    delete = reverse("admin:articles_blog_delete", args=[1])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
