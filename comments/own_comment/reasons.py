"""The reasons under which authors' own acts are written down, beside those of rules and moderators."""

EDITED = "edited by its author"
EDITED_AFTER_APPROVAL = "edited by its author after approval"
WITHDRAWN = "withdrawn by its author"
PUT_BACK = "put back by its author"
ASKED_AGAIN = "its author says it is no spam"
ANONYMISED = "its author had their name taken off"

OWN_REASONS = frozenset(
    {EDITED, EDITED_AFTER_APPROVAL, WITHDRAWN, PUT_BACK, ASKED_AGAIN, ANONYMISED}
)
