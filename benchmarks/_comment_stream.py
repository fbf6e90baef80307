"""A stream of comments as a blog might get it: made, seeded, and no substitute for the real thing.

Readers write about the article, now and then with a link. Among them come campaigns, each for a
while and some at once: pills, casinos, coins, keywords as names, letters of other scripts, praise of
anything, and the sly one, which repeats what another reader has said and adds its link.
"""

import random
from collections.abc import Callable

from comments.filter.features import Sample

_TOPICS = (
    "the sync protocol", "your second chart", "the backup script", "the part about grief", "offline maps",
    "the letter to your brother", "the index on two columns", "the bread recipe", "the walk along the dyke",
    "the recovery step", "the photo of the station", "the test suite", "that quote from Arendt", "the cache",
)  # fmt: skip
_OPENINGS = (
    "Thank you for writing about {}.", "I am not sure I agree about {}.", "One question about {}:",
    "I tried {} last weekend.", "Small correction regarding {}.", "My sister sent me here because of {}.",
    "{} reminded me of something.", "Could you say more on {}?", "We had the same trouble with {} at work.",
    "Reading about {} made my day.", "It took me a while to understand {}.", "For what it is worth, {} failed here.",
)  # fmt: skip
_MIDDLES = (
    "When I did it the numbers came out about {n} percent lower.", "Does it still hold on version {n}?",
    "There is a typo in paragraph {n}.", "After {n} years I had given up on it.", "It works, but it is slow.",
    "The older tool did this with {n} lines of shell.", "My father used to say the opposite.",
    "I would put the second half first.", "Maybe mention the free alternative, too.", "I was wrong before.",
    "What happens if the disk is full?", "It cost me {n} evenings.", "My notes say something else.",
    "You can win back a lot of time that way.", "Online it is hard to find anything on this.",
    "The doctor told us to wait {n} weeks.", "Buying a new one was not worth the money.",
)  # fmt: skip
_ENDINGS = (
    "Looking forward to the next part!", "Cheers", "Please keep going.", "Greetings from Graz", "",
    "Just my two cents.", "Am I missing something?", "Anyway.", "", "Thanks again :)", "See you in the spring.",
)  # fmt: skip
_NAMES = [
    "Ann",
    "Ola",
    "Marta",
    "Jens",
    "Priya",
    "Tom",
    "Yuki",
    "Léa",
    "Björn",
    "Nadia",
    "Sam",
    "Irina",
    "Hugo",
    "Wen",
    "Carla",
    "Otto",
    "Amir",
    "Zoë",
]
_HAM_HOSTS = ("en.wikipedia.org", "docs.python.org", "github.com", "archive.org", "sqlite.org")

Say = Callable[[random.Random, str], tuple[str, str, str]]


def _host(rng: random.Random, *words: str) -> str:
    return f"{rng.choice(words)}{rng.choice(('-', ''))}{rng.choice(words)}{rng.randrange(30)}.{rng.choice(('example', 'top', 'shop', 'xyz'))}"


def _reader(rng: random.Random) -> tuple[str, str, str]:
    opening = rng.choice(_OPENINGS).format(rng.choice(_TOPICS))
    middle = [
        line.format(n=rng.randrange(2, 60)) for line in rng.sample(_MIDDLES, rng.randrange(4))
    ]
    if rng.random() < 0.12:
        middle.append(
            f"See https://{rng.choice(_HAM_HOSTS)}/{rng.choice('abcdefgh')}/{rng.randrange(999)}"
        )
    text = " ".join([opening, *middle, rng.choice(_ENDINGS)]).strip()
    if rng.random() < 0.05:
        text = text.upper()
    url = (
        f"https://{rng.choice(_NAMES).lower()}{rng.randrange(99)}.example/"
        if rng.random() < 0.3
        else ""
    )
    return text, rng.choice(_NAMES), url


def _pills(rng: random.Random, earlier: str) -> tuple[str, str, str]:
    host = _host(rng, "pills", "meds", "pharma", "health")
    drug = rng.choice(("tramadol", "modafinil", "generic pills", "weight loss drops"))
    text = rng.choice(
        (
            "Buy cheap {} online without prescription",
            "{} 50% OFF today only!!",
            "best price {} fast delivery",
        )
    )
    return (
        f"{text.format(drug)} [url=https://{host}/]{drug}[/url] https://{host}/buy",
        drug,
        f"https://{host}/",
    )


def _casino(rng: random.Random, earlier: str) -> tuple[str, str, str]:
    host = _host(rng, "casino", "slots", "bet", "win")
    text = rng.choice(
        (
            "Win BIG at the best online casino",
            "Free spins and {} bonus for new players",
            "I won {} dollars last night, try it",
        )
    )
    return (
        f"{text.format(rng.randrange(100, 9000))} https://{host}/{rng.randrange(99)}",
        rng.choice(_NAMES),
        "",
    )


def _coins(rng: random.Random, earlier: str) -> tuple[str, str, str]:
    name = (
        f"Mr{rng.choice(('s', ''))} {rng.choice(_NAMES)} {rng.choice(('Trading', 'Fx', 'Capital'))}"
    )
    text = f"I lost {rng.randrange(5, 90)}000 dollars to a scam until a recovery expert got my bitcoin back. Contact him on WhatsApp +1 {rng.randrange(200, 999)} {rng.randrange(1000, 9999)}"
    return text, name, ""


def _keywords(rng: random.Random, earlier: str) -> tuple[str, str, str]:
    name = rng.choice(
        ("seo services", "best vpn 2026", "cheap flights", "roof repair near me", "essay writing")
    )
    text = rng.choice(
        (
            "Nice post.",
            "Great article, thanks for sharing this information!",
            "I really like your site, keep it up.",
            "Very informative.",
        )
    )
    return text, name, f"https://{_host(rng, 'seo', 'best', 'cheap', 'pro')}/"


def _scripts(rng: random.Random, earlier: str) -> tuple[str, str, str]:
    text = rng.choice(
        (
            "Лучшие ставки на спорт и бонусы казино",
            "Купить диплом недорого с доставкой",
            "Раскрутка сайтов, гарантия результата",
        )
    )
    return (
        f"{text} https://{_host(rng, 'stavki', 'diplom', 'seo')}/",
        rng.choice(("Андрей", "Ann", "SergeyPromo")),
        "",
    )


def _praise(rng: random.Random, earlier: str) -> tuple[str, str, str]:
    topic = rng.choice(_TOPICS)
    text = rng.choice((
        "What a thoughtful exploration of {}! It truly highlights how important balance is in our daily lives.",
        "This is an insightful piece on {}. The way you weave together the details is both engaging and informative.",
        "I appreciate the clarity you bring to {}; it resonates deeply with anyone on a similar journey.",
    ))  # fmt: skip
    return (
        text.format(topic),
        rng.choice(_NAMES),
        f"https://{_host(rng, 'home', 'wellness', 'studio')}/",
    )


def _copied(rng: random.Random, earlier: str) -> tuple[str, str, str]:
    host = _host(rng, "deals", "review", "guide", "store")
    return f"{earlier} https://{host}/", rng.choice(_NAMES), rng.choice(("", f"https://{host}/"))


_CAMPAIGNS: tuple[Say, ...] = (_pills, _casino, _coins, _keywords, _scripts, _praise, _copied)


def _age(rng: random.Random, *, is_spam: bool) -> float:
    """Return how long the form was open, in seconds; many scripts are patient, or post from a cache."""
    if is_spam and rng.random() < 0.35:
        return rng.uniform(0, 4)
    return float(rng.lognormvariate(5, 1.5))


def stream(length: int, *, seed: int) -> list[tuple[Sample, bool]]:
    """Return so many comments in their order, each with whether it is spam; about half are."""
    rng = random.Random(seed)
    made: list[tuple[Sample, bool]] = []
    said = ["Thank you for writing about the cache."]
    running = rng.sample(_CAMPAIGNS, 2)
    for _ in range(length):
        if rng.random() < 0.02:  # one campaign ends, another begins
            running = [running[-1], rng.choice(_CAMPAIGNS)]
        is_spam = rng.random() < 0.5
        text, name, url = rng.choice(running)(rng, rng.choice(said)) if is_spam else _reader(rng)
        if not is_spam:
            said.append(text)
        signals: dict[str, object] = {"form_age": _age(rng, is_spam=is_spam)}
        if is_spam and rng.random() < 0.2:
            signals["decoy"] = True
        made.append((Sample(text=text, author_name=name, author_url=url, signals=signals), is_spam))
    return made
