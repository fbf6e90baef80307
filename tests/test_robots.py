"""What crawlers are asked: RFC 9309."""

from urllib.robotparser import RobotFileParser

import pytest


@pytest.fixture
def rules(client, settings):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    parser = RobotFileParser()
    parser.parse(response.content.decode().splitlines())
    assert parser.site_maps() == [f"{settings.SITE_URL}/sitemap.xml"]
    return parser


@pytest.mark.parametrize(
    "path",
    ["/", "/articles/one/", "/articles/one.md", "/llms.txt", "/privacy/", "/comments/feed/"],
)
def test_what_everybody_may_see(rules, path):
    assert rules.can_fetch("Any", path)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/comments/comment/",
        f"/comments/{'A' * 22}/",
        "/mail/x/",
        "/moderate/x/",
        "/linkbacks/x/",
        "/search/?q=x",
    ],
)
def test_what_is_for_nobody_to_find(rules, path):
    assert not rules.can_fetch("Any", path)


def test_forms_set_to_answer_one_comment(client):
    assert "Disallow: /*?reply=\n" in client.get("/robots.txt").content.decode()
