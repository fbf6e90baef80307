"""Two sites talk to each other over real connections: each step is seen from both sides.

Nothing waits for the calendar: time that has to pass is taken off what the databases hold.
"""

from tests.interop.conftest import DEMO, eventually

MENTION = """
First of all some words about gardens.

A neighbour {words} about [how an old friendship came back]({url}), which stayed with me.
"""
RECEIVED = "Received. What becomes of it is shown at "

# A link is looked at again once in five minutes, however often it is announced.
MINUTES_PASS = """
from datetime import timedelta
from django.db.models import F
from comments.models import NetworkUse
NetworkUse.objects.update(at=F("at") - timedelta(minutes=5))
"""
SEES_THE_LINK_MISSING = """
import time
from comments.linkbacks.models import Linkback
deadline = time.monotonic() + 30
while not Linkback.objects.filter(source_url={source!r}, missing_since__isnull=False):
    assert time.monotonic() < deadline
    time.sleep(0.1)
"""
A_DAY_PASSES = """
from datetime import timedelta
from django.db.models import F
from comments.linkbacks.models import Linkback
from recovery import housekeeping
day = timedelta(days=1)
rows = Linkback.objects.filter(source_url={source!r})
rows.update(missing_since=F("missing_since") - day, look_again_at=F("look_again_at") - day)
housekeeping.look_again_at_sources()
"""
SWEEP = "from comments.linkbacks import sending; sending.sweep()"


def holds(texts, words):
    return any(words in text for text in texts)


def conversation_begins(here, there, title, words):
    """Publish, and approve there; return the article's number, its address and its state there."""
    mention = MENTION.format(words=words, url=f"{there.origin}{DEMO}")
    number, source = here.publish(title, mention)
    told = eventually(lambda: (row := here.told(title)) and row["state"] == "Accepted" and row)
    assert told["target"] == f"{there.origin}{DEMO}"
    assert (told["protocol"], told["last_status"]) == ("webmention", "201")
    assert told["answer"].startswith(f"{RECEIVED}{there.origin}/linkbacks/")
    state = told["answer"].removeprefix(RECEIVED)

    eventually(lambda: holds(there.queue(), words))
    assert "waits for a moderator" in there.read(state).text(".notice")
    assert not holds(there.responses(), words)
    there.decide("approve", words)
    assert holds(there.responses(), f"A neighbour {words} about how an old friendship came back")
    assert there.read(state).text(".notice").startswith("Shown in the conversation")
    assert source in [a.attributes["href"] for a in there.read(DEMO).nodes("article.webmention a")]
    return number, source, state


def test_an_article_mentions_another_changes_its_words_and_removes_the_link(blogs):
    here, there = blogs
    title = "An answer to a neighbour"
    number, source, state = conversation_begins(here, there, title, "wrote warmly")

    # New words wait, while the approved ones stay in sight.
    here.edit(number, MENTION.format(words="wrote bitterly", url=f"{there.origin}{DEMO}"))
    assert "bitterly" in here.read(source).text("main")
    eventually(lambda: holds(there.queue(), "bitterly"))
    assert holds(there.responses(), "warmly")
    assert not holds(there.responses(), "bitterly")
    there.decide("accept", "bitterly")
    assert holds(there.responses(), "bitterly")
    assert not holds(there.responses(), "warmly")
    assert not holds(there.queue(), "bitterly")
    eventually(lambda: here.told(title)["state"] == "Accepted")

    # A link that is missing once may be back tomorrow.
    there.shell(MINUTES_PASS)
    here.edit(number, "Nothing is said of neighbours any more.")
    assert there.origin not in here.read(source).html
    told = eventually(lambda: (row := here.told(title))["sent_at"] == "-" and row)
    assert (told["state"], told["last_status"]) == ("Accepted", "201")
    there.shell(SEES_THE_LINK_MISSING.format(source=source))
    assert holds(there.responses(), "bitterly")
    assert there.read(state).text(".notice").startswith("Shown in the conversation")

    # One that is still missing then has gone.
    there.shell(A_DAY_PASSES.format(source=source))
    eventually(lambda: not holds(there.responses(), "bitterly"))
    assert "The page no longer links to the article." in there.read(state).text(".notice")
    assert holds(there.queue("trash"), "gone at its source")
    assert here.read(source).status == 200
    assert_at_rest(there)


def test_a_deleted_article_takes_its_response_with_it_at_once(blogs):
    here, there = blogs
    title = "A second answer"
    number, source, state = conversation_begins(here, there, title, "thought aloud")
    here.delete(number)
    assert here.read(source).status == 410
    assert holds(there.responses(), "thought aloud")

    here.shell(SWEEP)
    told = eventually(lambda: (row := here.told("-")).get("sent_at") == "-" and row)
    assert (told["state"], told["last_status"]) == ("Accepted", "201")
    eventually(lambda: not holds(there.responses(), "thought aloud"))
    assert "The source was deleted (410)." in there.read(state).text(".notice")
    assert holds(there.queue("trash"), "thought aloud")
    assert_at_rest(there)


def assert_at_rest(blog):
    """A site that shows a response tells nobody of it: two sites do not answer each other for ever."""
    blog.shell(SWEEP)
    assert blog.owner.open("/admin/linkbacks/outgoinglinkback/").nodes("#result_list") == []
