"""Catalogues of translations: what translators write (``.po``), and what gettext reads (``.mo``).

The formats are GNU gettext's (its manual, “The Format of PO Files” and “The Format of GNU MO Files”).
Its own ``msgfmt`` is not on every machine, and Python's is no part of it once installed.
"""

import ast
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

#: Between a context and its message, and between the forms of a plural, in a ``.mo`` file.
_CONTEXT: Final = "\x04"
_FORM: Final = "\x00"
_MAGIC: Final = 0x950412DE
_LINE: Final = re.compile(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)?\s*(".*")')


class Unreadable(Exception):
    """A line of a ``.po`` file is none; ``str()`` says which."""


@dataclass
class Message:
    """One message with its translation: several forms where there is a plural."""

    fields: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Context and message, as gettext looks for it; a plural is found by its singular."""
        context = self.fields.get("msgctxt")
        said = self.fields["msgid"]
        return said if context is None else f"{context}{_CONTEXT}{said}"

    @property
    def sources(self) -> list[str]:
        """What stands in the source: the message, and its plural if it has one."""
        return [self.fields[name] for name in ("msgid", "msgid_plural") if name in self.fields]

    @property
    def translations(self) -> list[str]:
        """Every form, in order; empty where there is none yet."""
        forms = sorted(name for name in self.fields if name.startswith("msgstr"))
        return [self.fields[name] for name in forms]

    @property
    def is_done(self) -> bool:
        return "fuzzy" not in self.flags and all(self.translations)


def read(path: Path) -> list[Message]:
    """Return the messages of a ``.po`` file, the header (the empty message) first.

    Raises ``Unreadable``.
    """
    messages: list[Message] = []
    for lines in path.read_text(encoding="utf-8").split("\n\n"):
        message = _message(lines.splitlines(), path)
        if message.fields:
            messages.append(message)
    return messages


def _message(lines: list[str], path: Path) -> Message:
    message, name = Message(), ""
    for line in filter(None, lines):
        if line.startswith("#,"):
            message.flags.update(flag.strip() for flag in line[2:].split(","))
        elif not line.startswith("#"):
            found = _LINE.fullmatch(line.strip())
            if not found:
                raise Unreadable(f"{path}: this is no line of a catalogue: {line}")
            name = found[1] or name
            # Its strings are C's, which are Python's as far as anybody writes them here.
            message.fields[name] = message.fields.get(name, "") + str(ast.literal_eval(found[2]))
    return message


def compiled(messages: list[Message]) -> bytes:
    """Return the ``.mo`` file of these messages; what is not translated is left out."""
    pairs = sorted(_pairs(messages))
    count, offset = len(pairs), 28 + 16 * len(pairs)
    tables: list[bytes] = []
    strings: list[bytes] = []
    for texts in zip(*pairs, strict=True):
        for text in texts:
            tables.append(struct.pack("<2I", len(text), offset))
            strings.append(text + b"\x00")
            offset += len(text) + 1
    header = struct.pack("<7I", _MAGIC, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return b"".join([header, *tables, *strings])


def _pairs(messages: list[Message]) -> Iterator[tuple[bytes, bytes]]:
    for message in messages:
        if message.is_done:
            plural = message.fields.get("msgid_plural")
            said = message.key if plural is None else f"{message.key}{_FORM}{plural}"
            yield said.encode(), _FORM.join(message.translations).encode()


def compile_all(folder: Path) -> list[Path]:
    """Write the ``.mo`` beside each ``.po`` below the folder; return those that changed."""
    changed = []
    for path in sorted(folder.rglob("*.po")):
        made, target = compiled(read(path)), path.with_suffix(".mo")
        if not target.exists() or target.read_bytes() != made:
            target.write_bytes(made)
            changed.append(target)
    return changed
