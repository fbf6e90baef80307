"""Sentences that are stored, or made where no language is known: kept in English, translated when shown.

Why a comment was held or what its site's server answered is written down once, and read for years by
whoever moderates then. The rules, the filter and what reads other sites' pages compare such sentences,
too, and know nothing of languages. So what is written is English in every database; ``shown()`` finds
the sentence that it was made from, and says that in the language of the site. What nobody here has
written (a moderator's own words, another site's answer) is shown as it is.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

# Each may have places for what differs, such as “%(count)s”. Of those that fit, the one with most
# letters of its own counts.
SENTENCES: Final = [
    # Rules (comments.policy)
    _("written by a moderator"),
    _("leads to %(place)s, which is blocked"),
    _("from %(place)s, which is blocked"),
    _("holds the disallowed word “%(word)s”"),
    _("holds the word “%(word)s”"),
    _("no rule speaks against it"),
    _("every response is held"),
    _("first-time author"),
    _("%(count)s links"),
    _("from a site that is not on the list of trusted sources"),
    _("the hidden field was filled in"),
    _("sent less than %(seconds)s seconds after the form was made"),
    _("the filter is %(percent)s %% sure"),
    _("the filter is %(percent)s %% sure: %(reasons)s"),
    _("part of the demo"),
    # Decisions (comments.models, comments.own_comment)
    _("restored"),
    _("undone"),
    _("new words accepted"),
    _("new words declined"),
    _("edited by its author"),
    _("edited by its author after approval"),
    _("withdrawn by its author"),
    _("put back by its author"),
    _("its author says it is no spam"),
    _("its author had their name taken off"),
    _("erased at the wish of the comment’s author"),
    _("By address: %(why)s"),
    # Mail (comments.mailing)
    _("Daily limit of the mailbox"),
    _("Sending could not be completed"),
    # What the filter sees (comments.filter)
    _("good sign: %(reason)s"),
    _("the link stands in the content of its page"),
    _("the link stands beside the content"),
    _("form filled in 1 second"),
    _("form filled in %(count)s seconds"),
    _("form filled in under 10 seconds"),
    _("form filled in within a minute"),
    _("form filled in within an hour"),
    _("form filled in within a day"),
    _("form filled in after a day or more"),
    _("its site is new here"),
    _("its site has been known here for days"),
    _("earlier ones from its site were approved"),
    _("earlier ones from its site were spam"),
    _("no links"),
    _("a link"),
    _("links to %(host)s"),
    _("the website %(host)s"),
    _("a pingback"),
    _("a trackback"),
    _("a webmention"),
    _("a very short text"),
    _("a short text"),
    _("a text of some lines"),
    _("a text of a paragraph"),
    _("a long text"),
    _("a very long text"),
    _("%(percent)s %% capital letters"),
    _("%(script)s letters"),
    _("letters of several scripts"),
    _("an address in the name"),
    _("a name of one word"),
    _("a name of %(count)s words"),
    _("the name “%(word)s”"),
    _("the word “%(word)s”"),
    _("the words “%(words)s”"),
]
# Of these places the contents are such sentences themselves.
_SENTENCES_WITHIN: Final = ("reason", "reasons")
_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")


def learn(sentences: Iterable[str]) -> None:
    """Have these translated too: those of an app that this one knows nothing of."""
    SENTENCES.extend(one for one in sentences if one not in SENTENCES)
    _patterns.cache_clear()
    _said.cache_clear()


def shown(words: str) -> str:
    """Return the stored sentence in the language of the site; what is not one of ours as it is."""
    return _said(words, get_language())


@lru_cache(maxsize=1_000)
def _said(words: str, language: str | None) -> str:
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(words):
            return _translated(sentence, found.groupdict())
    return words


def _translated(sentence: str, parts: dict[str, str]) -> str:
    for name in _SENTENCES_WITHIN:
        if name in parts:
            parts[name] = "; ".join(map(shown, parts[name].split("; ")))
    return gettext(sentence) % parts if "%" in sentence else gettext(sentence)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return the sentences, those with most letters first, each with what it looks like when filled in."""
    longest = sorted(SENTENCES, key=lambda one: -len(_PLACE.sub("", one)))
    return [(one, _pattern(one)) for one in longest]


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return what matches the sentence with anything in its places; linear, as no place follows another."""
    parts, end = [], 0
    for place in _PLACE.finditer(sentence):
        parts.append(re.escape(sentence[end : place.start()]))
        parts.append(f"(?P<{place[1]}>.+)" if place[1] else "%")
        end = place.end()
    return re.compile("".join([*parts, re.escape(sentence[end:])]), re.DOTALL)
