"""Webmentions in, as other servers send them: each test is named after its clause (W3C REC)."""

from urllib.parse import urlencode

import pytest

from articles.models import Article
from comments.linkbacks.models import Linkback
from comments.models import Comment, DiscussionSettings, ResponseType
from tests.builders import make_article
from tests.linkbacks.fake_web import FORM, SITE, SOURCE, linking, mention, target_of

pytestmark = pytest.mark.django_db


class TestRequestVerification:
    def test_3_2_with_a_status_page_the_receiver_must_answer_201_and_location(
        self, client, article
    ):
        response = mention(client, {"source": SOURCE, "target": target_of(article)})
        linkback = Linkback.objects.get()
        assert response.status_code == 201
        assert response["Location"] == f"{SITE}/linkbacks/{linkback.status_key}/"

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"source": SOURCE},
            {"target": "TARGET"},
            {"source": "", "target": "TARGET"},
            {"source": "nonsense", "target": "TARGET"},
            {"source": SOURCE, "target": "nonsense"},
            {"source": "nonsense", "target": "nonsense"},
            {"source": "ftp://blog.example/", "target": "TARGET"},
            {"source": "javascript:alert(1)", "target": "TARGET"},
            {"source": [SOURCE, SOURCE], "target": "TARGET"},
            {"source": "https://blog.example:22/", "target": "TARGET"},
            {"source": "https://u:p@blog.example/", "target": "TARGET"},
            {"source": "https://" + "x" * 2000 + ".example/", "target": "TARGET"},
            {"source": "TARGET", "target": "TARGET"},
            {"source": SITE + "/articles/other/", "target": "TARGET"},
            {"source": SOURCE, "target": "https://elsewhere.example/"},
            {"source": SOURCE, "target": SITE + "/"},
            {"source": SOURCE, "target": SITE + "/articles/nothing/"},
        ],
    )
    def test_3_2_1_the_senders_faults_must_be_answered_400_with_a_sentence(
        self, client, article, data
    ):
        filled = {k: target_of(article) if v == "TARGET" else v for k, v in data.items()}
        response = mention(client, filled)
        assert response.status_code == 400
        assert response["Content-Type"].startswith("text/plain")
        assert response.content.decode().strip().endswith(".")
        assert not Linkback.objects.exists()

    def test_3_2_1_the_fragment_of_the_target_is_ignored(self, client, article):
        data = {"source": SOURCE, "target": f"{target_of(article)}#s-a-heading"}
        assert mention(client, data).status_code == 201

    def test_3_2_1_source_and_target_must_not_be_the_same(self, client, article):
        data = {"source": f"{target_of(article)}#a", "target": f"{target_of(article)}#b"}
        assert mention(client, data).status_code == 400

    def test_other_content_types_are_refused(self, client, article):
        body = '{"source": "x"}'
        assert client.post("/webmention", body, content_type="application/json").status_code == 400

    def test_only_posts_are_taken(self, client):
        response = client.get("/webmention")
        assert (response.status_code, response["Allow"]) == (405, "POST")

    @pytest.mark.parametrize("switch", ["site", "article"])
    def test_articles_that_take_none_say_so(self, client, article, switch):
        if switch == "site":
            DiscussionSettings(pk=1, webmentions_enabled=False).save()
        else:
            Article.objects.update(linkbacks_open=False)
        response = mention(client, {"source": SOURCE, "target": target_of(article)})
        assert response.status_code == 400
        assert "takes no webmentions" in response.content.decode()

    def test_blocked_places_are_refused(self, client, article):
        DiscussionSettings(pk=1, blocked_sources="blog.example\nhost.example/~spam/").save()
        for source in (SOURCE, "http://BLOG.example/other", "https://host.example/~spam/x"):
            response = mention(client, {"source": source, "target": target_of(article)})
            assert response.status_code == 400
        data = {"source": "https://host.example/~ann/", "target": target_of(article)}
        assert mention(client, data).status_code == 201

    def test_haste_is_answered_429_and_when_to_come_back(self, client, article):
        for number in range(31):
            data = {"source": f"https://blog{number}.example/", "target": target_of(article)}
            response = mention(client, data)
        assert (response.status_code, response["Retry-After"]) == (429, "3600")


class TestVerification:
    def test_3_2_2_a_page_that_links_is_taken(self, web, send, article):
        web.page(SOURCE, linking(article))
        linkback = send()
        assert linkback.state == Linkback.State.VERIFIED
        assert linkback.comment.kind == "webmention"
        assert linkback.comment.text == "I thought about this article for a week"

    @pytest.mark.parametrize(
        "html",
        [
            "<p>TARGET</p>",
            "<p><!-- <a href='TARGET'>x</a> --></p>",
            "<p>nothing</p>",
            "<p><a href='TARGET/longer'>x</a></p>",
            "<pre>&lt;a href='TARGET'&gt;</pre>",
        ],
    )
    def test_3_2_2_the_source_must_hold_an_exact_match_of_the_target(
        self, web, send, article, html
    ):
        web.page(SOURCE, html.replace("TARGET", target_of(article)))
        assert send().state == Linkback.State.REFUSED
        assert not Comment.objects.exists()

    def test_one_fetch_and_never_a_second(self, web, send, article):
        web.page(
            SOURCE,
            "<div class='h-entry'><a class='p-author h-card' href='https://author.example/'>Ann"
            "<img class='u-photo' src='https://author.example/me.png'></a>"
            f"<a class='u-in-reply-to' href='{target_of(article)}'>re</a>"
            "<div class='e-content'>Well said.</div></div>",
        )
        send()
        assert web.asked == [SOURCE]


class TestMicroformats:
    def entry(self, article, kind, content="<p class='e-content'>So <b>true</b>.</p>"):
        return (
            "<title>T</title><div class='h-entry'><span class='p-author h-card'>Ann</span>"
            f"<a class='{kind}' href='{target_of(article)}'>it</a>{content}</div>"
        )

    def test_a_reply_is_shown_in_its_own_words(self, web, send, article, client):
        web.page(SOURCE, self.entry(article, "u-in-reply-to"))
        comment = send().comment
        assert comment.response_type == ResponseType.REPLY
        assert (comment.author_name, comment.text) == ("Ann", "So true.")
        comment.approve()
        page = client.get(article.get_absolute_url()).content.decode()
        assert "So true." in page
        assert "[…]" not in page
        assert "Link checked on" in page

    def test_likes_and_reposts_are_counted_on_one_line(self, web, send, article, client):
        for number, kind in enumerate(["u-like-of", "u-like-of", "u-repost-of"]):
            source = f"https://blog{number}.example/"
            web.page(source, self.entry(article, kind, content=""))
            send(source).comment.approve()
        page = client.get(article.get_absolute_url()).content.decode()
        assert "2 likes, 1 repost" in page
        assert "No responses yet" in page
        assert 'id="comment-' not in page


class TestOneRowPerPage:
    def test_pages_that_turn_out_to_be_the_same_are_one(self, web, send, article):
        web.page(SOURCE, linking(article))
        web.page("https://short.example/x", linking(article), final=SOURCE)
        first = send()
        second = send("https://short.example/x")
        assert (second.state, second.merged_into) == (Linkback.State.MERGED, first)
        assert Comment.objects.count() == 1

    def test_http_and_https_are_the_same_page(self, web, send, article):
        web.page(SOURCE, linking(article))
        send()
        send(SOURCE.replace("https", "http"))
        assert Linkback.objects.count() == 1

    def test_all_protocols_are_listed(self, client, article):
        target = target_of(article)
        mention(client, {"source": SOURCE, "target": target})
        client.post(
            f"{article.get_absolute_url()}trackback/", urlencode({"url": SOURCE}), content_type=FORM
        )
        assert Linkback.objects.get().protocols == ["webmention", "trackback"]

    def test_an_article_of_its_own_has_a_row_of_its_own(self, client, article):
        for one in (article, make_article()):
            mention(client, {"source": SOURCE, "target": target_of(one)})
        assert Linkback.objects.count() == 2


class TestForPeople:
    BROWSER = {"Accept": "text/html,application/xhtml+xml"}

    def test_the_form_leads_to_the_status_page(self, client, article, web, run_tasks):
        page = client.get(article.get_absolute_url()).content.decode()
        assert "Did you write about this?" in page
        data = {"source": SOURCE, "target": target_of(article)}
        response = mention(client, data, headers=self.BROWSER)
        assert response.status_code == 303
        path = response["Location"].removeprefix(SITE)
        assert "Received" in client.get(path).content.decode()
        web.page(SOURCE, linking(article))
        run_tasks()
        status = client.get(path)
        assert "waits for a moderator" in status.content.decode()
        assert "at “this article”" in status.content.decode()
        assert "no-store" in status["Cache-Control"]
        assert status["X-Robots-Tag"] == "noindex, nofollow"
        assert status["Referrer-Policy"] == "same-origin"
        Comment.objects.get().approve()
        assert f"#comment-{Comment.objects.get().pk}" in client.get(path).content.decode()

    def test_a_refused_link_comes_back_with_a_sentence(self, client, article):
        data = {"source": "ftp://my.example/<x>", "target": target_of(article)}
        response = mention(client, data, headers=self.BROWSER)
        assert response.status_code == 400
        page = response.content.decode()
        assert 'value="ftp://my.example/&lt;x&gt;"' in page
        assert 'id="paste-link-error"' in page

    def test_what_is_wrong_with_the_page_is_said_and_how_to_mend_it(
        self, client, article, web, run_tasks
    ):
        web.page(SOURCE, f"<p><a href='{target_of(article)}x'>almost</a></p>")
        data = {"source": SOURCE, "target": target_of(article)}
        path = mention(client, data)["Location"].removeprefix(SITE)
        run_tasks()
        page = client.get(path).content.decode()
        assert "Not taken" in page
        assert f"{target_of(article)}x" in page

    def test_status_pages_cannot_be_guessed(self, client):
        assert client.get("/linkbacks/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
        assert client.get("/linkbacks/1/").status_code == 404


class TestAdvertising:
    def test_3_1_2_header_and_link_name_the_same_endpoint(self, client, article):
        response = client.get(article.get_absolute_url())
        assert response["Link"] == f'<{SITE}/webmention>; rel="webmention"'
        assert f'<link rel="webmention" href="{SITE}/webmention" />' in response.content.decode()
