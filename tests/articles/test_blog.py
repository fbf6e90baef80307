"""What the owner says about the whole site, and how it is shown."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from articles.models import Blog
from articles.navigation import Link, links, validate
from tests.builders import make_article, make_user
from tests.test_templates import page

pytestmark = pytest.mark.django_db
FORM = reverse("admin:articles_blog_change", args=[1])


@pytest.fixture
def owner(client):
    client.force_login(make_user(is_superuser=True))
    return client


def typed(**values):
    return {
        "name": "Slow Mornings",
        "tagline": "Notes",
        "accent": "#b4122c",
        "navigation": "",
        "author_line": "",
        "footer": "",
        "rel_me": "",
        "articles_per_page": "10",
        "entries_per_feed": "20",
        **values,
    }


@pytest.mark.parametrize("address", ["/", "/articles/", "/privacy/", "/nowhere/"])
def test_every_page_shows_it(client, address):
    article = make_article()
    Blog(
        pk=1,
        name="Slow Mornings",
        navigation="About me /articles/about/\nPhotographs https://photos.example/?a=1&b=2",
        author_line="Written by *Ann*.",
        footer="# Imprint\n\nStreet <script>alert(1)</script> 1",
    ).store()
    response = client.get(article.get_absolute_url() if address == "/articles/" else address)
    page(response)
    markup = response.content.decode()
    assert "Slow Mornings" in markup
    assert '<a href="/articles/about/">About me</a>' in markup
    assert '<a href="https://photos.example/?a=1&amp;b=2">Photographs</a>' in markup
    assert "<p>Written by <em>Ann</em>.</p>" in markup
    assert '<h2 id="site-footer--imprint">Imprint</h2>' in markup
    assert "<script>alert" not in markup


def test_nothing_said_nothing_shown(client):
    markup = client.get("/").content.decode()
    assert markup.count("<li><a href=") == 1 + markup.partition("<footer")[2].count("<li><a href=")
    assert "author-line" not in markup
    assert "theme-color" not in markup


@pytest.mark.parametrize(
    "path", ["/", "/archive", "/articles/here/", "/privacy/?a=1#b", "/static/icon.svg"]
)
def test_a_link_to_a_page_that_is_there_is_taken_in_silence(owner, path):
    make_article(slug="here")
    shown = owner.post(
        FORM, typed(navigation=f"Here {path}\nElse https://a.example/x"), follow=True
    )
    assert "leads nowhere" not in shown.content.decode()
    assert Blog.current().links[0] == Link("Here", path)


@pytest.mark.parametrize("path", ["/abuot/", "/articles/draft/", "/articles/%00/", "/articles/[x/"])
def test_a_link_to_nothing_is_taken_and_the_owner_is_told(owner, path):
    make_article(slug="draft", status="draft")
    shown = owner.post(FORM, typed(navigation=f"About me {path}"), follow=True)
    assert f"“About me” leads nowhere: there is no page at {path} yet." in shown.content.decode()
    assert Blog.current().links == [Link("About me", path)]


def test_the_form_takes_it_all(owner):
    values = typed(accent="#1C4FA8", navigation="Home /", author_line="Ann", footer="Thanks")
    assert owner.post(FORM, values).status_code == 302
    blog = Blog.objects.get()
    assert (blog.accent, blog.links) == ("#1c4fa8", [Link("Home", "/")])
    assert (blog.author_line_html, blog.footer_html) == ("<p>Ann</p>", "<p>Thanks</p>")


def test_the_sites_own_colour_is_none_of_the_owners(owner):
    owner.post(FORM, typed())
    assert Blog.objects.get().accent == ""


def test_the_form_shows_the_colour_in_both_schemes(owner):
    Blog(pk=1, accent="#ffd400").store()
    markup = owner.get(FORM).content.decode()
    assert 'type="color"' in markup
    assert 'value="#ffd400"' in markup
    assert markup.count('<svg viewBox="0 0 260 64"') == 2
    assert "Dark scheme: #ffd400" in markup
    assert "Light scheme: #ffd400" not in markup
    assert " style=" not in markup[markup.index("0 0 260 64") : markup.rindex("Post Comment")]


@pytest.mark.parametrize("accent", ["red", "#12", "#12345g", "url(x)", "#fff;}"])
def test_nonsense_is_refused_and_kept(owner, accent):
    response = owner.post(FORM, typed(accent=accent, footer="Kept."))
    assert response.status_code == 200
    assert "Kept." in response.content.decode()
    assert not Blog.objects.exists()


@pytest.mark.parametrize("name", ["articles_per_page", "entries_per_feed"])
@pytest.mark.parametrize("number", ["0", "101", "32767", ""])
def test_a_page_and_a_feed_hold_something_and_not_everything(owner, name, number):
    assert owner.post(FORM, typed(**{name: number})).status_code == 200
    assert not Blog.objects.exists()
    assert owner.post(FORM, typed(**{name: "100"})).status_code == 302


@pytest.mark.parametrize("name", ["articles_per_page", "entries_per_feed"])
def test_nor_can_nothing_be_written_past_the_form(name):
    """Pages are divided by it."""
    Blog(pk=1).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Blog.objects.update(**{name: 0})


def test_links_are_lines():
    text = "About me  /about/\n\n  Mail mailto:a@b.example\nno address\n/alone/\nX //else.example/"
    assert links(text) == [Link("About me", "/about/"), Link("Mail", "mailto:a@b.example")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Nowhere", "does not end with an address"),
        ("Click javascript:alert(1)", "does not end with an address"),
        # As browsers read it: //evil.example.
        ("Click /\\evil.example", "does not end with an address"),
        ("Else //else.example/", "does not end with an address"),
        ("/alone/", "no text before its address"),
        ("\n".join(["A /a/"] * 13), "there is room for 12"),
        ("x" * 200, "…"),
    ],
)
def test_lines_that_are_no_links_are_named(line, said):
    with pytest.raises(ValidationError, match=said):
        validate(f"Fine /fine/\n{line}")


def test_links_as_they_should_be():
    validate("A /a/\nB https://b.example/\r\n\r\nC HTTP://c.example/\n")
