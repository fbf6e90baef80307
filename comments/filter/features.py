"""What the filter looks at: the features of something said, each a number below 2**18.

Words and runs of letters of the text, the name, the hosts linked to, and how it came in. Never an
address, never a network. A feature's number is a hash of its name (CRC-32, the same in every
process and for ever), so that nothing has to be remembered of a text to learn from it.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

SIZE = 1 << 18
# What one sample may cost: a longer text is read from its beginning and its end.
FROM_START, FROM_END = 3_000, 1_000  # characters
MOST_FEATURES = 2_000
_MOST_HOSTS = 10
_MOST_HOST_LETTERS = 60
_LINK_WEIGHT = 16
_MOST_SCRIPT_LETTERS = 400
_LONGEST_WORD = 24  # longer runs (addresses, scripts without blanks) are read in pieces
_GRAMS = (3, 4, 5)
# Thai, Chinese and others: without blanks between words, or with short words that say much.
_FROM_EAST = "\u0e00"

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LINK = re.compile(r"(?:https?:/{0,2}|\bwww\.)[^\s<>\"'()\[\]]+", re.IGNORECASE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ADDRESS_IN_NAME = re.compile(r"https?:|www\.|\w\.[a-z]{2,}\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Something said, as far as the filter knows of it."""

    text: str
    author_name: str = ""
    # The author's website, or the page behind a linkback.
    author_url: str = ""
    kind: str = "reply"
    # As in ``Comment.signals``.
    signals: Mapping[str, object] = field(default_factory=dict)


class Trait(NamedTuple):
    """Something that can be said about a sample in a few words, and the features behind it."""

    words: str
    numbers: tuple[int, ...]
    # How much it tells a person beside other evidence of the same weight; 0: nothing.
    telling: float = 1.5


def number(name: str) -> int:
    """Return the number of the feature of this name: the same in every process."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) % SIZE


# Every sample has it: how much spam there is at all.
BASE = number("base")


def numbers(traits: Iterable[Trait]) -> list[int]:
    """Return the features of a sample, each once, at most ``MOST_FEATURES``."""
    found = chain([BASE], chain.from_iterable(trait.numbers for trait in traits))
    return list(dict.fromkeys(found))[:MOST_FEATURES]


def traits(sample: Sample) -> list[Trait]:
    """Return everything that there is to say about the sample, what is rarest first."""
    # Cut again: one character may stand for eighteen.
    start = unicodedata.normalize("NFKC", sample.text[:FROM_START])[:FROM_START]
    end = unicodedata.normalize("NFKC", sample.text[FROM_START:][-FROM_END:])[-FROM_END:]
    text = f"{start}\n{end}"
    return [
        *_came_in(sample.signals),
        *_links(text, sample),
        *_looks(text, len(sample.text)),
        *_name(sample.author_name),
        # Addresses are not read letter by letter: every one has “https” in it, and many “com”.
        *_words(_WORD.findall(_LINK.sub(" ", text).casefold())),
    ]


def _trait(words: str, *names: str) -> Trait:
    return Trait(words, tuple(map(number, names)))


# How it came in


def _came_in(signals: Mapping[str, object]) -> Iterator[Trait]:
    if signals.get("decoy"):
        yield _trait("the hidden field was filled in", "decoy")
    age = signals.get("form_age")
    if isinstance(age, (int, float)) and age >= 0:
        yield _form_age(age)
    if place := signals.get("link_place"):
        where = "in the content of its page" if place == "content" else "beside the content"
        yield _trait(f"the link stands {where}", f"link place {place}")
    yield from _host_record(signals)


def _form_age(age: float) -> Trait:
    limits = (3, 10, 60, 3_600, 86_400)
    step = _step(age, limits)
    if not step:
        return _trait(f"form filled in {seconds(age)}", "form age 0")
    says = (
        "under 10 seconds",
        "within a minute",
        "within an hour",
        "within a day",
        "after a day or more",
    )
    return _trait(f"form filled in {says[step - 1]}", f"form age {step}")


def seconds(age: float) -> str:
    """Return the whole seconds in words."""
    return "1 second" if int(age) == 1 else f"{int(age)} seconds"


def _host_record(signals: Mapping[str, object]) -> Iterator[Trait]:
    known = signals.get("host_known_days")
    if isinstance(known, int):
        step = _step(known, (0, 7, 30, 365))
        words = "its site is new here" if step == 0 else "its site has been known here for days"
        yield _trait(words, f"host known {step}")
    for key, verdict in (("host_approved", "approved"), ("host_spam", "spam")):
        count = signals.get(key)
        if isinstance(count, int) and count:
            words = f"earlier ones from its site were {verdict}"
            yield _trait(words, key, f"{key} {_step(count, (1, 4))}")


def _step(value: float, limits: tuple[float, ...]) -> int:
    """Return how many of the limits lie below the value."""
    return sum(value > limit for limit in limits)


# Links


def _links(text: str, sample: Sample) -> Iterator[Trait]:
    found = _LINK.findall(text)
    count = len(found)
    step = _step(count, (0, 1, 2, 4))
    says = "no links" if not count else "a link" if count == 1 else f"{count} links"
    # As heavy as a word with its runs of letters: who repeats a reader differs by a link alone.
    heavy = (f"linked {bool(count)} {place}" for place in range(_LINK_WEIGHT))
    yield _trait(says, f"links {step}", *heavy)
    for host in list(dict.fromkeys(filter(None, map(host_of, found))))[:_MOST_HOSTS]:
        yield _trait(f"links to {host}", *_host_names(host), f"link {host}")
    if host := host_of(sample.author_url):
        yield _trait(f"the website {host}", *_host_names(host), f"site {host}", "has a website")
    if sample.kind != "reply":
        yield _trait(f"a {sample.kind}", f"kind {sample.kind}")


def host_of(url: str) -> str:
    """Return the host of an address, with or without scheme, without “www.”; "" if it has none."""
    after = re.sub(r"^https?:/*", "", url, flags=re.IGNORECASE)
    try:
        host = urlsplit(f"//{after}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").rstrip(".")[:253]


def _host_names(host: str) -> tuple[str, ...]:
    labels = host.split(".")
    # Of the next campaign only a piece of the name is the same: win-casino17, slotscasino16.
    runs = chain.from_iterable(map(_runs, _WORD.findall(" ".join(labels)[:_MOST_HOST_LETTERS])))
    named = (f"host {host}", f"domain {'.'.join(labels[-2:])}", f"ending {labels[-1]}")
    return (*named, *(f"run {run}" for run in runs))


# How it looks


def _looks(text: str, length: int) -> Iterator[Trait]:
    step = _step(length, (19, 59, 199, 599, 1999))
    sizes = ("a very short text", "a short text", "a text of some lines")
    words = (*sizes, "a text of a paragraph", "a long text", "a very long text")[step]
    yield _trait(words, f"length {step}")
    letters = "".join(filter(str.isalpha, text))
    if len(letters) >= 10:
        share = sum(map(str.isupper, letters)) / len(letters)
        yield _trait(
            f"{100 * share:.0f} % capital letters", f"capitals {_step(share, (0, 0.1, 0.3, 0.6))}"
        )
    yield from _scripts(letters)


def _scripts(letters: str) -> Iterator[Trait]:
    foreign = () if letters.isascii() else _NOT_ASCII.findall(letters)[:_MOST_SCRIPT_LETTERS]
    scripts = dict.fromkeys(map(_script, foreign))
    if len(foreign) < len(letters):
        scripts["Latin"] = None
    for script in scripts:
        yield _trait(f"{script} letters", f"script {script}")
    if len(scripts) > 1:
        yield _trait("letters of several scripts", f"scripts {min(len(scripts), 4)}")


@lru_cache(maxsize=4_000)
def _script(letter: str) -> str:
    """Return the script of a letter as Unicode names it: “Latin”, “Cyrillic”, “Cjk”."""
    return unicodedata.name(letter, "unknown").partition(" ")[0].capitalize()


# The words


def _name(name: str) -> Iterator[Trait]:
    words = _WORD.findall(unicodedata.normalize("NFKC", name[:245]).casefold())
    if _ADDRESS_IN_NAME.search(name):
        yield _trait("an address in the name", "address in name")
    count = min(len(words), 6)
    yield _trait(
        f"a name of {count} words" if count != 1 else "a name of one word", f"name of {count}"
    )
    for word in dict.fromkeys(words):
        yield _trait(f"the name “{word}”", f"name {word}")


def _words(words: list[str]) -> Iterator[Trait]:
    pieces = list(chain.from_iterable(map(_pieces, words)))
    yield from map(_word, dict.fromkeys(pieces))
    for pair in dict.fromkeys(pairwise(pieces)):
        said, telling = " ".join(pair), 1.5 * max(map(_telling, pair))
        yield Trait(f"the words “{said}”", (number(f"pair {said}"),), telling)


def _pieces(word: str) -> list[str]:
    if len(word) <= _LONGEST_WORD:
        return [word]
    return [word[at : at + _LONGEST_WORD] for at in range(0, len(word), _LONGEST_WORD)]


@lru_cache(maxsize=20_000)
def _word(word: str) -> Trait:
    """Return a word with the runs of 3 to 5 letters in it, its ends among them."""
    runs = (f"run {run}" for run in _runs(word))
    named = _trait(f"the word “{word}”", f"word {word}", *runs)
    return named._replace(telling=_telling(word))


def _runs(word: str) -> Iterator[str]:
    """Return the runs of 3 to 5 letters in a word, its ends among them."""
    framed = f" {word} "
    return (framed[at : at + run] for run in _GRAMS for at in range(len(framed) - run + 1))


def _telling(word: str) -> float:
    """Return how much a word tells: the short ones hold a language together and say little."""
    if max(word) >= _FROM_EAST:
        return 1.0
    return (0.0, 0.0, 0.0, 0.25, 0.6, 0.8)[len(word)] if len(word) < 6 else 1.0
