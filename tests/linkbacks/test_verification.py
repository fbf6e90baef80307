"""What counts as a link to an article, and what is quoted around it."""

import pytest

from comments.linkbacks.verification import SourcePage, says_gone
from tests.linkbacks.reading import LINK, TARGET, read, refusal, stored

# Which links count


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(f"<p>{LINK}", id="plain"),
        pytest.param(f"<a href={TARGET}>x</a>", id="without quotes"),
        pytest.param(f"<a href='{TARGET}'>x</a>", id="single quotes"),
        pytest.param(f'<A\nCLASS="b"\tHREF = "{TARGET}" >x</A>', id="upper case, blanks"),
        pytest.param(f'<a title="a > b" href="{TARGET}">x</a>', id="a bracket in a value"),
        pytest.param(f'<a href="{TARGET}"href="/other">x</a>', id="the first of two hrefs"),
        pytest.param(f'<a href="{TARGET}"><em>x</em></a>', id="markup in the link"),
        pytest.param(f'<a href="{TARGET}"><img src="x.png"></a>', id="only an image"),
        pytest.param(f'<a href="{TARGET}"></a>', id="empty"),
        pytest.param(f'<a href="{TARGET}">never closed', id="never closed"),
        pytest.param(f'<a href="{TARGET}#comment-3">x</a>', id="with a fragment"),
        pytest.param(f'<a href=" {TARGET}\n">x</a>', id="blanks around"),
        pytest.param('<a href="HTTPS://Blog.Example:443/articles/recovery/">x</a>', id="spelling"),
        pytest.param('<a href="//blog.example/articles/recovery/">x</a>', id="without a scheme"),
        pytest.param('<a href="https&#58;//blog.example&#x2F;articles/recovery/">x</a>', id="refs"),
        pytest.param(
            '<base href="https://blog.example/articles/"><a href="recovery/">x</a>', id="base"
        ),
        pytest.param(
            '<base><base href="https://blog.example/"><base href="/x/"><a href=articles/recovery/>x</a>',
            id="the first base with an address",
        ),
        pytest.param(f"<!-- <a href=x> -->{LINK}", id="after a comment"),
        pytest.param(f"<!-->{LINK}<!-- -->", id="after an empty comment"),
        pytest.param(f"<!--x--!>{LINK}<!-- -->", id="after a comment wrongly ended"),
        pytest.param(f"<script>if (a<b) '</div>'</script>{LINK}", id="after a script"),
        pytest.param(f"<nav>menu<div></nav>{LINK}", id="after navigation wrongly nested"),
        pytest.param(f"<svg><path><p>{LINK}", id="after a drawing never closed"),
        pytest.param(f"<article><header>{LINK}</header></article>", id="an article's own header"),
        pytest.param(
            f"<blockquote>q<footer>{LINK}</footer></blockquote>", id="a quotation's footer"
        ),
        pytest.param(f"<p class=comment>c<p>{LINK}", id="after a comment's paragraph"),
        pytest.param(f"<li class=comment>c<li>{LINK}", id="after a comment without an end tag"),
        pytest.param(
            f"<body class=comments><main id=comments>{LINK}", id="named for the whole page"
        ),
        pytest.param(f"<div class='comments-closed no-sidebar'>{LINK}", id="classes much like it"),
        pytest.param(
            f"<nav><a href={TARGET}>x</a></nav><p>{LINK}", id="outside first, then inside"
        ),
        pytest.param(f"<p hidden=until-found>{LINK}", id="hidden until found"),
        pytest.param(f"<head><title>t</title>{LINK}", id="no body tag"),
        pytest.param(f"<p>a < b, <3 and 1 <2 {LINK}", id="after lone brackets"),
    ],
)
def test_a_link_that_counts(html: str):
    assert isinstance(read(html), SourcePage)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("", id="empty page"),
        pytest.param(f"<p>Read {TARGET} today", id="only text"),
        pytest.param(f'<a href="{TARGET}page2">x</a>', id="longer address"),
        pytest.param('<a href="https://blog.example/articles/recover">x</a>', id="shorter address"),
        pytest.param('<a href="https://blog.example/articles/recovery">x</a>', id="slash missing"),
        pytest.param(f'<a href="{TARGET}?page=2">x</a>', id="a query more"),
        pytest.param(
            '<a href="https://blog.example/Articles/recovery/">x</a>', id="case of the path"
        ),
        pytest.param(
            '<a href="https://blog.example.org/articles/recovery/">x</a>', id="host prefix"
        ),
        pytest.param(f'<a href="https://evil.example/?u={TARGET}">x</a>', id="in a query"),
        pytest.param('<a href="/articles/recovery/">x</a>', id="relative to another host"),
        pytest.param(f"<!-- {LINK} -->", id="in a comment"),
        pytest.param(f"<!-- {LINK}", id="in a comment never closed"),
        pytest.param(f"<!-- > {LINK} -- > -->", id="in a comment with a bracket"),
        pytest.param(f"<template>{LINK}</template>", id="template"),
        pytest.param(f"<template><div></template2>{LINK}</template>", id="template, odd end tag"),
        pytest.param(f"<noscript>{LINK}</noscript>", id="noscript"),
        pytest.param(f"<script>{LINK}</script>", id="script"),
        pytest.param(f"<script>x</scripty>{LINK}</script>", id="script, similar end tag"),
        pytest.param(f"<style>{LINK}</style>", id="style"),
        pytest.param(f"<textarea>{LINK}</textarea>", id="textarea"),
        pytest.param(f"<title>{LINK}</title>", id="title"),
        pytest.param(f"<iframe>{LINK}</iframe>", id="iframe"),
        pytest.param(f"<xmp>{LINK}</xmp>", id="xmp"),
        pytest.param(f"<svg><![CDATA[ > {LINK} ]]></svg>", id="CDATA of a drawing"),
        pytest.param(f"<code>{LINK.replace('<', '&lt;')}</code>", id="escaped sample code"),
        pytest.param(f"<div hidden><p>{LINK}</p></div>", id="hidden part"),
        pytest.param(f'<a hidden href="{TARGET}">x</a>', id="hidden link"),
        pytest.param(f'<a name="{TARGET}">x</a>', id="name, not href"),
        pytest.param(f'<a data-href="{TARGET}">x</a>', id="data-href"),
        pytest.param(f'<area href="{TARGET}"><link href="{TARGET}">', id="not an a element"),
        pytest.param(f'<img src="{TARGET}"><q cite="{TARGET}">x</q>', id="other attributes"),
        pytest.param(f"<p title='{LINK}'>x", id="markup in a value"),
        pytest.param(f'<a href="{TARGET}', id="the page ends in the tag"),
        pytest.param(f'<a href="{TARGET}>x</a>', id="a quote never closed"),
        pytest.param(f"<a href=\"javascript:location='{TARGET}'\">x</a>", id="javascript"),
        pytest.param(
            '<a href="http://[">x</a><a href="">y</a><a href>z</a>', id="broken addresses"
        ),
    ],
)
def test_a_link_that_does_not_count(html: str):
    assert refusal(html).startswith("The page does not link to the article")


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(f"<nav>{LINK}</nav>", id="nav"),
        pytest.param(f"<aside>{LINK}</aside>", id="aside"),
        pytest.param(f"<header>{LINK}</header>", id="page header"),
        pytest.param(f"<footer>{LINK}</footer>", id="page footer"),
        pytest.param(f"<article><footer>{LINK}</footer></article>", id="article footer"),
        pytest.param(f"<div role=Navigation>{LINK}</div>", id="role"),
        pytest.param(f"<div id=comments><p>{LINK}</div>", id="comments by id"),
        pytest.param(f"<ol class='x Comment-List'><li>{LINK}</ol>", id="comments by class"),
        pytest.param(f"<article class=comment-body>{LINK}</article>", id="one comment"),
        pytest.param(f"<div id=respond>{LINK}</div>", id="comment form"),
        pytest.param(f"<div class=blogroll>{LINK}</div>", id="blogroll"),
        pytest.param(f"<nav><article><header>{LINK}</header></article></nav>", id="nested"),
        pytest.param(stored("only_around.html"), id="a page full of them"),
    ],
)
def test_links_outside_the_content_are_refused_with_a_sentence_that_says_so(html: str):
    assert "only outside its own content" in refusal(html)


def test_any_of_the_addresses_of_the_article_counts():
    html = '<a href="http://blog.example/old-slug/">x</a>'

    assert read(html, TARGET, "http://blog.example/old-slug/").link_text == "x"


def test_relative_links_resolve_against_the_page():
    target = "https://source.example/2026/april/"

    assert read('<a href="../april/#x">x</a>', target).link_text == "x"


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("https://blog.example/?a=1&copy=2&amp;lt=3", "https://blog.example/?a=1&copy=2&lt=3"),
        ("https://blog.example/?a=1&copyx", "https://blog.example/?a=1&copyx"),
        ("https://blog.example/caf&eacute;/", "https://blog.example/caf%C3%A9/"),
        ("https://blog.example/caf%c3%a9/", "https://blog.example/café/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_references_in_an_address_are_read_as_a_browser_does(href: str, target: str):
    assert read(f'<a href="{href}">x</a>', target).link_text == "x"


def test_a_reference_to_no_number_that_can_be_read_hides_no_other_link():
    html = f'<a href="https://blog.example/&#{"9" * 5000};">x</a>{LINK}'
    assert isinstance(read(html), SourcePage)


def test_only_the_first_base_counts():
    html = f'<base href="https://other.example/"><base href="{TARGET}"><a href="">x</a>'

    assert refusal(html) == "The page does not link to the article."


@pytest.mark.parametrize(
    ("href", "linked"),
    [
        pytest.param("//BLOG.example:443/articles/recovery/", True, id="without scheme"),
        pytest.param("https:\n//blog.\texample/articles/recovery/", True, id="broken lines"),
        pytest.param("https://ｂlog。example/articles/recovery/", True, id="full width"),
        pytest.param("https://blog.example@other.example/articles/recovery/", False, id="a user"),
        pytest.param("https://blog.example.other.example/articles/recovery/", False, id="a part"),
        pytest.param("/articles/recovery/", False, id="another host"),
        pytest.param("https:/articles/recovery/", False, id="another host with the scheme"),
    ],
)
def test_hosts_are_compared_as_the_name_system_does(href: str, linked: bool):
    html = f'<a href="{href}">x</a>'

    if linked:
        assert read(html).link_text == "x"
    else:
        assert "does not link" in refusal(html)


def test_few_short_tokens_of_the_rel_are_kept():
    rel = f"NoFollow ugc\x00 {'x' * 41} &#0; ugc " + " ".join(f"t{n}" for n in range(20))

    kept = read(f'<a href="{TARGET}" rel="{rel}">x</a>').rel

    assert kept[:3] == ("nofollow", "ugc", "\ufffd")
    assert kept[3:] == tuple(f"t{n}" for n in range(7))


def test_the_sender_is_told_which_address_the_page_links_to_instead():
    html = '<a href="https://other.example/">o</a><a href="http://blog.example/articles/recovery">x</a>'

    assert refusal(html).endswith("it does link to http://blog.example/articles/recovery.")


def test_of_several_such_addresses_the_sender_is_told_the_first_that_is_no_longer_than_a_line():
    others = "".join(f"<a href='https://blog.example/{'x' * n}'>x</a>" for n in (300, 2, 1))

    assert refusal(others).endswith("it does link to https://blog.example/xx.")


# What is read from the page


def test_a_whole_page():
    page = read(stored("wordpress.html"))

    assert page == SourcePage(
        title="What I read in March – A Quiet Corner",
        site_name="A Quiet Corner",
        excerpt="The one that stayed with me longest was about recovery from disconnection, which says "
        "plainly what most of us only notice years later: that the way back to other people is",
        link_text="recovery from disconnection",
        in_content=True,
        rel=("external", "noopener"),
    )


def test_a_page_from_right_to_left():
    page = read(stored("arabic.html"))
    before, after = page.excerpt.split(page.link_text)

    assert page.link_text == "مقالة التعافي من الانقطاع"
    assert before.startswith("قرأتُ هذا الصباح")
    assert (
        after.strip().split()
        == stored("arabic.html").split("</a>")[1].split()[: len(after.split())]
    )


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title> A \n title&nbsp;&amp; more </title>", "A title & more"),
        ("<title>First</title><title>Second</title>", "First"),
        ("<title>1 < 2 <b>bold</b></title>", "1 < 2 <b>bold</b>"),
        ("<svg><title>Logo</title></svg><title>Real</title>", "Real"),
        ("<title> </title><meta property=og:title content='Open &lt;Graph&gt;'>", "Open <Graph>"),
        ("<h1> <img></h1><h1>The <em>first</em> heading</h1><h1>No</h1>", "The first heading"),
        ("<title>\x00\x01</title>", "source.example"),
        ("", "source.example"),
    ],
)
def test_title(head: str, title: str):
    assert read(f"{head}<p>{LINK}").title == title


def test_a_long_title_is_cut_at_a_word():
    title = read(f"<title>{'word ' * 100}</title>{LINK}").title

    assert len(title) <= 250
    assert title.endswith("word…")


def test_a_site_name_is_bounded():
    name = read(f"<meta property='OG:site_name' content='{'n ' * 200}'>{LINK}").site_name

    assert name is not None
    assert len(name) <= 100


@pytest.mark.parametrize(
    ("html", "gone"),
    [
        ('<meta http-equiv="Status" content="410 Gone">', True),
        ('<!doctype html><title>x</title>\n<META HTTP-EQUIV=status CONTENT="410">', True),
        ('<meta http-equiv="Status" content="404 Not Found">', False),
        ('<meta http-equiv="Status" content="4100">', False),
        ('<meta http-equiv="Status">', False),
        ('<p>x</p><meta http-equiv="Status" content="410 Gone">', False),
        ('text <meta http-equiv="Status" content="410 Gone">', False),
        ('<!-- <meta http-equiv="Status" content="410 Gone"> -->', False),
    ],
)
def test_a_page_may_say_in_its_head_that_it_is_gone(html: str, gone: bool):
    assert says_gone(html) is gone
