"""What the people of a sample site say. No name, address or site here is anybody's: see RFC 2606."""

from itertools import product
from typing import Final

BODIES: Final = 20
_GIVEN: Final = (
    "Ada",
    "Amara",
    "Bengt",
    "Chiara",
    "Dilnoza",
    "Emre",
    "Farida",
    "Goran",
    "Hanne",
    "Ines",
    "Jonas",
    "Kaito",
    "Leila",
    "Maren",
    "Nils",
    "Oona",
    "Pavel",
    "Quyen",
    "Rosa",
    "Samir",
    "Tove",
    "Ulla",
    "Viktor",
    "Wanja",
    "Xenia",
    "Yusuf",
    "Zofia",
)
_FAMILY: Final = (
    "Abel",
    "Berg",
    "Castro",
    "Dahl",
    "Engel",
    "Fuchs",
    "Grau",
    "Holm",
    "Ito",
    "Jansen",
    "Keller",
    "Lund",
    "Moreau",
    "Novak",
    "Okafor",
    "Petit",
    "Quist",
    "Rossi",
    "Sand",
    "Torres",
    "Urban",
    "Vega",
    "Weiss",
    "Young",
    "Zeman",
)
_SUBJECTS: Final = (
    "Rest",
    "Silence",
    "Letters",
    "Neighbours",
    "Patience",
    "Bread",
    "Walking",
    "Listening",
    "Gardens",
    "Winters",
    "Habits",
    "Repair",
)
_MOVES: Final = (
    "On",
    "Learning",
    "Against",
    "The end of",
    "A week of",
    "Notes about",
    "What is left of",
)
_PLACES: Final = ("", " at home", " abroad", " in town", " at work", " at night", " by the sea")
_OPENINGS: Final = (
    "I read this twice, and the second time I rang my sister.",
    "Thank you for writing this down: I had no words for it.",
    "We tried the same here last year, with less luck.",
    "There is one thing I see differently.",
    "My grandfather used to say that, in other words.",
    "Could you say more about how you began?",
    "This is the part that nobody tells you.",
    "I have sent it to everybody I work with.",
    "It took us three winters to find that out.",
    "The second paragraph is worth the whole page.",
)
_MIDDLES: Final = (
    "What helped was a fixed hour, and *nobody* who asked why.",
    "The hard part is not to begin but to go on when it gets dull.",
    "In our street four houses do it by now, and two more are thinking about it.",
    "I would add that it needs a friend, or at least a dog.",
    "Since then the telephone stays in the kitchen drawer.",
    "As far as I remember the figures were lower, but the point stands.",
    "One week was enough to see that we had been fooling ourselves.",
    "That it costs nothing is exactly why nobody sells it.",
)
SAID: Final = tuple(f"{first} {second}" for first, second in product(_OPENINGS, _MIDDLES))
SPAM: Final = tuple(
    f"{offer} Only today at <https://{host}.example.org/>, {end}"
    for offer, host, end in product(
        ("Best watches.", "Cheap pills, no questions.", "Earn from home.", "Your loan is ready."),
        ("deals", "casino", "quick-cash", "pharma"),
        ("hurry up!", "click here!!!", "limited offer."),
    )
)
_QUESTIONS: Final = (
    ("How long does it take?", "Between a week and **three months**, by what people told us."),
    ("Does it cost anything?", "No. Time, at most an hour a day."),
    ("Can I do it alone?", "You can. Most who went on with it had somebody to tell."),
    ("Where do I begin?", "With the smallest thing you can do *today*."),
)


def name(number: int) -> str:
    return f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number // len(_GIVEN) % len(_FAMILY)]}"


def title(number: int) -> str:
    subject = _SUBJECTS[number // len(_MOVES) % len(_SUBJECTS)].lower()
    return f"{_MOVES[number % len(_MOVES)]} {subject}, part {number + 1:,}"


def tag(number: int) -> str:
    """Return one of 84 short names, and after them longer ones."""
    subject, move = (
        _SUBJECTS[number % len(_SUBJECTS)],
        _PLACES[number // len(_SUBJECTS) % len(_PLACES)],
    )
    volume = number // (len(_SUBJECTS) * len(_PLACES))
    return f"{subject}{move}{f' {volume + 1}' if volume else ''}"


def series(number: int) -> str:
    return f"{_SUBJECTS[number % len(_SUBJECTS)]} from the beginning, volume {number:,}"


def ending(number: int) -> str:
    """Return a last line, one of a few hundred."""
    return f"({name(number * 7 % 400)}, in the evening.)"


def question(number: int) -> tuple[str, str]:
    return _QUESTIONS[number % len(_QUESTIONS)]


def body(number: int) -> str:
    """Return the Markdown of an article of some three hundred words."""
    parts = [SAID[(number * 7 + step * 3) % len(SAID)] for step in range(20)]
    items = "\n".join(f"- {SAID[(number + step) % len(SAID)]}" for step in range(3))
    halves = "\n\n".join(parts[:10]), "\n\n".join(parts[10:])
    return f"{halves[0]}\n\n## What we did\n\n{items}\n\n{halves[1]}\n"
