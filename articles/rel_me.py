"""The author's other addresses, as the owner lists them: one a line."""

from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST: Final = 20
_LONGEST: Final = 500
_REFUSED: Final = frozenset("\"'<>\\^`{|} ")


def addresses_in(text: str) -> list[str]:
    """Return the addresses of the lines, without blank ones, each once."""
    return list(dict.fromkeys(filter(None, (line.strip() for line in text.splitlines()))))


def validate_addresses(text: str) -> None:
    """Refuse a line that is no address of the web, and a list that nobody would read."""
    addresses = addresses_in(text)
    wrong = [address for address in addresses if not _is_web_address(address)]
    if wrong:
        raise ValidationError(
            _(
                "“%(line)s” is not an address of the form https://example.org/@name. Write one on each line."
            ),
            params={"line": wrong[0][:100]},
        )
    if len(addresses) > MOST:
        raise ValidationError(
            _("At most %(count)s addresses can be listed."), params={"count": MOST}
        )


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        is_port_number = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and not parts.username
        and is_port_number
        and len(address) <= _LONGEST
        and address.isprintable()
        and not _REFUSED & set(address)
    )
