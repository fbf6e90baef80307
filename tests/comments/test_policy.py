"""The rules of the conversation, one table each."""

import pytest

from comments.policy import Evidence, Rules, Verdict, decide, is_listed


def reply(**kwargs) -> Evidence:
    values = {"is_reply": True, "text": "Well said.", "author_name": "Ann", "is_known": True}
    return Evidence(**{**values, **kwargs})


def pingback(**kwargs) -> Evidence:
    values = {
        "is_reply": False,
        "text": "words",
        "author_name": "",
        "source_urls": ("https://b.example/p",),
    }
    return Evidence(**{**values, **kwargs})


@pytest.mark.parametrize(
    ("evidence", "rules", "verdict", "reason"),
    [
        (reply(), Rules(), Verdict.APPROVED, "no rule"),
        (reply(is_known=False), Rules(), Verdict.PENDING, "first-time author"),
        (reply(is_known=False), Rules(hold_first_time_authors=False), Verdict.APPROVED, "no rule"),
        (reply(links=1), Rules(), Verdict.APPROVED, "no rule"),
        (
            reply(linked_urls=("https://ok.example/", "https://bad.example/")),
            Rules(blocked_sources="bad.example"),
            Verdict.SPAM,
            "leads to https://bad.example/",
        ),
        (
            reply(linked_urls=("https://notbad.example/",)),
            Rules(blocked_sources="bad.example"),
            Verdict.APPROVED,
            "no rule",
        ),
        (reply(links=2), Rules(), Verdict.PENDING, "2 links"),
        (reply(links=9), Rules(hold_from_links=0), Verdict.APPROVED, "no rule"),
        (reply(), Rules(hold_everything=True), Verdict.PENDING, "every response"),
        (reply(text="Cheap PILLS here"), Rules(disallowed_words="pills"), Verdict.SPAM, "“pills”"),
        (reply(author_name="Pills Inc"), Rules(disallowed_words="pills"), Verdict.SPAM, "“pills”"),
        (
            reply(author_url="https://pills.example/"),
            Rules(disallowed_words="pills"),
            Verdict.SPAM,
            "“pills”",
        ),
        (
            reply(text="I use WordPress"),
            Rules(disallowed_words="press"),
            Verdict.APPROVED,
            "no rule",
        ),
        (
            reply(text="a free  lunch"),
            Rules(held_words="free lunch\n\n"),
            Verdict.APPROVED,
            "no rule",
        ),
        (
            reply(text="a free lunch"),
            Rules(held_words="Free Lunch\n"),
            Verdict.PENDING,
            "“Free Lunch”",
        ),
        (reply(text="c++ (new)"), Rules(held_words="c++"), Verdict.PENDING, "“c++”"),
        (reply(text="Ärger"), Rules(held_words="ärger"), Verdict.PENDING, "“ärger”"),
        (
            reply(links=5, is_moderator=True),
            Rules(hold_everything=True),
            Verdict.APPROVED,
            "moderator",
        ),
        (pingback(), Rules(), Verdict.PENDING, "trusted sources"),
        (pingback(), Rules(hold_first_time_authors=False), Verdict.PENDING, "trusted sources"),
        (pingback(), Rules(trusted_sources="b.example"), Verdict.APPROVED, "no rule"),
        (
            pingback(),
            Rules(trusted_sources="b.example", disallowed_words="words"),
            Verdict.SPAM,
            "“words”",
        ),
        (
            pingback(),
            Rules(trusted_sources="b.example", hold_everything=True),
            Verdict.PENDING,
            "every",
        ),
    ],
)
def test_the_rules_decide_and_say_why(evidence, rules, verdict, reason):
    decision = decide(evidence, rules)
    assert decision.verdict == verdict
    assert any(reason in why for why in decision.reasons)


def test_every_reason_is_given():
    decision = decide(reply(is_known=False, links=3, text="lunch"), Rules(held_words="lunch"))
    assert decision.reasons == ("first-time author", "3 links", "holds the word “lunch”")


@pytest.mark.parametrize(
    ("url", "trusted", "yes"),
    [
        ("https://example.org/a", "example.org", True),
        ("http://example.org", "example.org", True),
        ("https://EXAMPLE.org/a", "https://example.org/", True),
        ("https://example.org/~ann/post", "example.org/~ann/", True),
        ("https://example.org/~anna/post", "example.org/~ann", False),
        ("https://example.org/~bob/post", "example.org/~ann/", False),
        ("https://evil-example.org/", "example.org", False),
        ("https://example.org.evil.test/", "example.org", False),
        ("https://sub.example.org/", "example.org", False),
        ("https://a.test/?u=example.org", "example.org", False),
        ("https://example.org:443/a", "example.org", True),
        ("http://example.org.:80/a", "example.org", True),
        ("https://example.org?z", "example.org", True),
        ("https://ｅxample.org/", "example.org", True),
        ("https://example。org/", "example.org", True),
        ("https://example.org:0443/", "example.org", True),
        ("https://xn--bcher-kva.example/", "bücher.example", True),
        ("https://bücher.example/", "xn--bcher-kva.example", True),
        ("https://example.org//~ann/x", "example.org/~ann", True),
        ("https://example.org/%7Eann/x", "example.org/~ann", True),
        ("https://example.org@evil.test/", "example.org", False),
        ("https://example.org/~ann/../~bob/x", "example.org/~ann/", False),
        ("https://example.org/~ann/%2e%2E/~bob/x", "example.org/~ann/", False),
        ("https://example.org/~ann/%252e%252e/~bob/x", "example.org/~ann/", False),
        ("https://example.org/~ann/..\\~bob/x", "example.org/~ann/", False),
        ("https://example.org/~ann/..", "example.org/~ann/", False),
        ("https://example.org/~ann/a..b/.well-known", "example.org/~ann/", True),
        ("https://a.test/", "", False),
        ("https://a.test/", "\n \n", False),
    ],
)
def test_trust_is_by_host_or_path_and_nothing_longer(url, trusted, yes):
    assert is_listed(url, trusted) is yes
