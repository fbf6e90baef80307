"""The forms that each feed has, and how their addresses are spelled: ``…/feed/``, ``…/feed/atom/``, ``…/feed/json/``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from articles.feeds import atom, json_feed, rss
from articles.feeds.entries import Feed


@dataclass(frozen=True)
class Form:
    """One form of a feed: how it is called, what follows the address of the first, and how it is written."""

    title: str
    suffix: str
    media_type: str
    write: Callable[[Feed, str], bytes]

    def address(self, feed: Feed) -> str:
        """Return where the feed is in this form."""
        return feed.address + self.suffix


FORMS: Final = {
    "rss": Form("RSS", "", "application/rss+xml", rss.write),
    "atom": Form("Atom", "atom/", "application/atom+xml", atom.write),
    "json": Form("JSON Feed", "json/", "application/feed+json", json_feed.write),
}
#: As WordPress spells them too, in paths and queries (``/feed/rss2/``, ``/?feed=rdf``): the form that is meant.
OTHER_SPELLINGS: Final = {"rss2": "rss", "rss": "rss", "rdf": "rss", "feed": "rss"}
