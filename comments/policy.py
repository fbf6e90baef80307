"""What happens to something said: pure rules that return a state and the reasons for it."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote

# So probable must spam be, from 0 to 1, for the filter to act: to send it away, or to hold it.
SPAM_FROM, HOLD_FROM = 0.98, 0.8
# The first reason of what the filter has decided by itself begins with this.
FILTER_SAYS = "the filter is "
# Nobody reads an article and answers in less: seconds.
TOO_FAST = 3

_PORT = re.compile(r":[0-9]*$")
_SLASHES = re.compile(r"/{2,}")
_DOT_SEGMENT = re.compile(r"[/\\]\.{1,2}(?:[/\\?#;]|$)")


class Verdict(StrEnum):
    """The states a rule can send a comment to; the values are those of ``models.Status``."""

    PENDING = "pending"
    APPROVED = "approved"
    SPAM = "spam"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The owner's settings, as far as they decide."""

    hold_everything: bool = False
    hold_first_time_authors: bool = True
    hold_from_links: int = 2
    held_words: str = ""
    disallowed_words: str = ""
    trusted_sources: str = ""
    blocked_sources: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of a reply or linkback when it is judged. Never an address or a network."""

    is_reply: bool
    text: str
    author_name: str
    author_url: str = ""
    # Every address that leads to the page behind a linkback: as announced, and as finally fetched.
    source_urls: tuple[str, ...] = ()
    # Where a reply leads: its website, and the hosts in its text.
    linked_urls: tuple[str, ...] = ()
    links: int = 0
    # A moderator or the article's author, signed in.
    is_moderator: bool = False
    # Proved to come from somebody whose earlier comment was approved.
    is_known: bool = False
    # A field was filled in that no reader sees.
    is_decoy_filled: bool = False
    # How long ago the form was made, in seconds, at least; None when there was no form.
    form_age: float | None = None
    # What the filter says, if it is to be heard: how probably it is spam, and why.
    score: float | None = None
    score_reasons: tuple[str, ...] = ()
    # Whether the filter has proved reliable enough to send spam away by itself.
    filter_may_act: bool = False


@dataclass(frozen=True)
class Decision:
    """A state, and every reason that speaks for it in plain words."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def decide(evidence: Evidence, rules: Rules) -> Decision:
    """Return what to do with it: spam outweighs holding, holding outweighs approval."""
    if evidence.is_moderator:
        return Decision(Verdict.APPROVED, ("written by a moderator",))
    if blocked := next(_blocked(evidence, rules), None):
        return Decision(Verdict.SPAM, (f"leads to {blocked}, which is blocked",))
    if bad := _words_found(rules.disallowed_words, evidence):
        return Decision(Verdict.SPAM, tuple(f"holds the disallowed word “{word}”" for word in bad))
    if evidence.filter_may_act and _is_suspect(evidence, rules, SPAM_FROM):
        return Decision(Verdict.SPAM, (_filter_says(evidence),))
    if reasons := tuple(_reasons_to_hold(evidence, rules)):
        return Decision(Verdict.PENDING, reasons)
    if _is_suspect(evidence, rules, HOLD_FROM):
        return Decision(Verdict.PENDING, (_filter_says(evidence),))
    return Decision(Verdict.APPROVED, ("no rule speaks against it",))


def _blocked(evidence: Evidence, rules: Rules) -> Iterator[str]:
    return (url for url in evidence.linked_urls if is_listed(url, rules.blocked_sources))


def _reasons_to_hold(evidence: Evidence, rules: Rules) -> Iterator[str]:
    if rules.hold_everything:
        yield "every response is held"
    yield from _signs_of_a_script(evidence)
    if evidence.is_reply:
        if rules.hold_first_time_authors and not evidence.is_known:
            yield "first-time author"
        if rules.hold_from_links and evidence.links >= rules.hold_from_links:
            yield f"{evidence.links} links"
    elif not _are_trusted(evidence.source_urls, rules.trusted_sources):
        yield "from a site that is not on the list of trusted sources"
    for word in _words_found(rules.held_words, evidence):
        yield f"holds the word “{word}”"


def _signs_of_a_script(evidence: Evidence) -> Iterator[str]:
    if evidence.is_decoy_filled:
        yield "the hidden field was filled in"
    if evidence.form_age is not None and evidence.form_age < TOO_FAST:
        yield f"sent less than {TOO_FAST} seconds after the form was made"


def _is_suspect(evidence: Evidence, rules: Rules, limit: float) -> bool:
    """Say whether the filter takes it for spam; sources that the owner trusts are not asked about."""
    if evidence.score is None or evidence.score < limit:
        return False
    return not _are_trusted(evidence.source_urls, rules.trusted_sources)


def _filter_says(evidence: Evidence) -> str:
    share = percent(evidence.score or 0)
    why = "; ".join(evidence.score_reasons)
    return f"{FILTER_SAYS}{share} % sure" + (f": {why}" if why else "")


def percent(share: float) -> int:
    """Return a probability in whole percent, from 1 to 99: the filter is never quite sure.

    Rounded down, so that none looks as if it reached a limit that it does not reach.
    """
    return min(99, max(1, int(round(100 * share, 6))))


def _words_found(words: str, evidence: Evidence) -> list[str]:
    """Return the listed words that occur as whole words (“press” does not find “WordPress”)."""
    said = [evidence.author_name, evidence.author_url, *evidence.source_urls, evidence.text]
    where = "\n".join(said).casefold()
    listed = dict.fromkeys(line.strip() for line in words.splitlines() if line.strip())
    return [word for word in listed if _whole_word(word.casefold()).search(where)]


def _whole_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def _are_trusted(urls: tuple[str, ...], trusted: str) -> bool:
    return bool(urls) and all(is_listed(url, trusted) for url in urls)


def has_dot_segments(url: str) -> bool:
    """Say whether ``.`` or ``..`` stands in the path, plain or escaped."""
    return bool(_DOT_SEGMENT.search(unquote(unquote(url.partition("://")[2]))))


def is_listed(url: str, listed: str) -> bool:
    """Say whether the page's address lies under a listed host, or host and path.

    An address with dot segments lies nowhere: servers resolve ``/~ann/../~bob/`` differently.
    """
    if has_dot_segments(url):
        return False
    place = _place(url)
    return any(
        place == prefix or place.startswith(f"{prefix.rstrip('/')}/")
        for prefix in _prefixes(listed)
    )


@lru_cache(maxsize=8)
def _prefixes(listed: str) -> tuple[str, ...]:
    lines = (line.strip() for line in listed.splitlines())
    places = (_place(f"//{line.partition('://')[2] or line}") for line in lines)
    return tuple(filter(None, places))


def _place(url: str) -> str:
    """Return host and path in one spelling: as the name system knows the host, the path unescaped.

    Without login, port and last dot, query and fragment, and with single slashes.
    """
    after = unicodedata.normalize("NFKC", url.partition("//")[2]).replace("。", ".")
    place = re.split(r"[?#]", after, maxsplit=1)[0]
    authority, slash, path = place.partition("/")
    host = _PORT.sub("", authority.rpartition("@")[2].lower()).rstrip(".")
    with suppress(UnicodeError):  # what the name system does not know is compared as it is
        host = host.encode("idna").decode()
    return host + _SLASHES.sub("/", slash + unquote(path).lower())
