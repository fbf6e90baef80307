"""What was looked at, and what was found there."""

from dataclasses import dataclass, field

from recovery.privacy_check import traces


@dataclass
class Place:
    """One place: an address of the site, a table, the log. Sizes are in bytes."""

    section: str
    name: str
    looks: int = 0
    size: int = 0
    # Each a sentence, with how often it was true.
    faults: dict[str, int] = field(default_factory=dict)

    def add_fault(self, sentence: str) -> None:
        self.faults[sentence] = self.faults.get(sentence, 0) + 1


class Ledger:
    """Every place, in the order in which it was first looked at."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], Place] = {}

    def look(self, section: str, name: str, data: bytes | str, where: str = "") -> None:
        """Search the data; ``where`` says in which part of the place they were found."""
        raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        place = self.place(section, name)
        place.looks += 1
        place.size += len(raw)
        for found in traces.find(raw):
            place.add_fault(f"{found} ({where})" if where else found)

    def fault(self, section: str, name: str, sentence: str) -> None:
        """Note that something else is wrong there: nothing could be looked at, for example."""
        self.place(section, name).add_fault(sentence)

    def place(self, section: str, name: str) -> Place:
        return self._places.setdefault((section, name), Place(section, name))

    @property
    def places(self) -> list[Place]:
        """All places, section by section."""
        sections = list(dict.fromkeys(place.section for place in self._places.values()))
        return sorted(self._places.values(), key=lambda place: sections.index(place.section))

    @property
    def faulty(self) -> list[Place]:
        return [place for place in self.places if place.faults]
