"""Twenty comments as they come on a busy morning, and what a moderator should make of each."""

from dataclasses import dataclass

from articles.models import Article
from comments.models import Comment, Status
from tests.builders import make_article, make_comment, make_pingback

LONG = "First I tried what the third strategy says. " + "It took me a whole week to see it. " * 60
ARABIC = "شكرا جزيلا على هذا المقال، لقد ساعدني كثيرا في فهم الأمر."
HEBREW = "תודה רבה! האם זה נכון גם לילדים?"
PILLS = "Cheap pills, no prescription, fast and discreet delivery https://pills.example/buy now"
COPY = "ten ways to calm down after a long and hard day at the office, number six will amaze you"


@dataclass(frozen=True)
class Morning:
    """The comments by what is to become of them."""

    article: Article
    approved: list[Comment]
    spam: list[Comment]
    trash: list[Comment]
    # Approved with an answer.
    answered: list[Comment]


def twenty_comments() -> Morning:
    """Return twenty that wait: questions, praise, spam, long, right to left, pages that link, copies."""
    article = make_article(title="Recovery from Disconnection")
    parent = make_comment(
        article,
        status=Status.APPROVED,
        author_name="Ruth",
        address="ruth@hidden.example",
        text="How long does it take?",
    )
    return Morning(article, _good(article, parent), _spam(article), _rude(article), _asked(article))


def _good(article: Article, parent: Comment) -> list[Comment]:
    said = [
        ("Ann O’Nym", "This helped me more than I can say.\n\nThank *you*!", 0.03),
        ("أحمد", ARABIC, 0.41),
        ("נועה", HEBREW, 0.38),
        ("Bartholomew Featherstonehaugh-Cholmondeley the Younger", LONG, 0.22),
        ("Li", "谢谢你的文章,写得非常好。", 0.45),
    ]
    replies = [
        make_comment(
            article,
            author_name=name,
            text=text,
            score=score,
            score_reasons=["no links", "typed in 94 seconds", "the words “helped me”"],
            doubt=1 - abs(2 * score - 1),
            address=f"reader{number}@hidden.example",
        )
        for number, (name, text, score) in enumerate(said)
    ]
    again = make_comment(
        article,
        parent=parent,
        author_name="Ruth",
        address="ruth@hidden.example",
        text="I have found it out meanwhile: see https://a.example/one and https://b.example/two",
    )
    pages = [
        make_pingback(
            article,
            source_url=f"https://blog{number}.example/week-{number}",
            author_name=f"A week of noticing, part {number}",
            text=f"I kept thinking about the six strategies on day {number}",
            signals={"host_approved": number, "host_spam": 0},
            score=0.1,
            doubt=0.2,
        )
        for number in (1, 2)
    ]
    return [*replies, again, *pages]


def _spam(article: Article) -> list[Comment]:
    pills = [
        make_comment(
            article,
            author_name=f"Best Pills {number}",
            author_url="https://pills.example/",
            text=f"{PILLS} {number}",
            address="seller@hidden.example",
            network_key="5f" * 32,
            score=0.97,
            score_reasons=["the words “no prescription”", "the host pills.example", "2 links"],
            doubt=0.06,
        )
        for number in range(4)
    ]
    copies = [
        make_pingback(
            article,
            source_url=f"https://farm{number}.example/calm",
            author_name="Calm down today",
            text=COPY,
            look_alike="calm" * 5 + "xx",
            score=0.81,
            score_reasons=["the link stands outside the text"],
            doubt=0.38,
            signals={"host_approved": 0, "host_spam": number},
        )
        for number in range(4)
    ]
    return [*pills, *copies]


def _rude(article: Article) -> list[Comment]:
    said = ["You are all idiots.", "asdf asdf asdf"]
    return [
        make_comment(article, author_name="x", text=text, score=0.55, doubt=0.9) for text in said
    ]


def _asked(article: Article) -> list[Comment]:
    said = ["Does the fourth strategy work for teams, too?", "Which book did you mean at the end?"]
    return [
        make_comment(
            article, author_name=f"Asker {number}", text=text, address=f"asker{number}@a.example"
        )
        for number, text in enumerate(said)
    ]
