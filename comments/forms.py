"""The form under an article: “Leave a Reply”."""

from typing import Any
from urllib.parse import urlsplit

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Layout
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from comments import tokens
from comments.untrusted import parse_id, without_controls

TEXT_LENGTH = 10_000
EXPIRED = _(
    "This page has been open for a very long time. Your text is still here: please post it again."
)
# Letters by name, yet nothing to see: Hangul fillers and the empty Braille pattern.
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"
_EARLIER_KEYS = 5


class ReplyText(forms.CharField):
    """The text of a reply: line ends as the browser counts them, blanks kept as typed."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class TextForm(forms.Form):
    """The text of a reply alone: what its author may change afterwards."""

    comment = ReplyText(
        label=_("Comment"),
        strip=False,
        error_messages={"required": _("Please type your comment.")},
        widget=forms.Textarea(attrs={"rows": 8, "aria-describedby": "markdown-notes"}),
    )

    def clean_comment(self) -> str:
        text: str = self.cleaned_data["comment"]
        if not _is_visible(text):
            raise ValidationError(_("Please type your comment."))
        return _at_most(TEXT_LENGTH, without_controls(text))


class ReplyForm(TextForm):
    """A reader's reply. Lengths are WordPress's, in characters; nothing typed is ever cut off."""

    author = forms.CharField(
        label=_("Name"),
        error_messages={"required": _("Please fill in your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Email"),
        error_messages={
            "required": _("Please fill in your email address. It will not be published."),
            "invalid": _("This does not look like an email address, such as name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "aria-describedby": "email-notes"}),
    )
    url = forms.CharField(
        label=_("Website"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )
    # Read by the page's script alone: it keeps name, email and website in the browser's storage.
    remember = forms.BooleanField(
        label=_("Save my name, email, and website in this browser for the next time I comment."),
        required=False,
    )
    notify = forms.BooleanField(
        label=_("Tell me by email when somebody replies to this."), required=False
    )
    # Nobody sees it, and no browser fills it in; whatever does is likely to be a script.
    more_about = forms.Field(label=_("Leave this empty"), required=False)
    parent = forms.CharField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(required=False, widget=forms.HiddenInput)
    earlier = forms.CharField(required=False, widget=forms.HiddenInput)

    use_required_attribute = True

    def __init__(
        self,
        article: Article,
        *args: Any,
        user: User | None = None,
        offers_notices: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.article = article
        for name in _left_out(user, offers_notices=offers_notices):
            del self.fields[name]

    @cached_property
    def helper(self) -> FormHelper:
        """How it is laid out: of no use to those whose reply is taken."""
        return _helper(self.article, list(self.fields))

    def clean_author(self) -> str:
        name = " ".join(without_controls(self.cleaned_data["author"]).split())
        if not _is_visible(name):
            raise ValidationError(_("Please fill in your name."))
        return _at_most(245, name)

    def clean_email(self) -> str:
        return _at_most(100, self.cleaned_data["email"])

    def clean_url(self) -> str:
        return _at_most(200, _web_address(self.cleaned_data["url"]))

    def clean_parent(self) -> int | None:
        value: str = self.cleaned_data["parent"]
        if not value:
            return None
        # An unreadable parent is one that is not there; the submission says so.
        return parse_id(value) or 0

    def clean_earlier(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["earlier"].split()[:_EARLIER_KEYS])

    def clean_more_about(self) -> bool:
        """Say whether anything was filled in: no more of it is kept."""
        return bool(str(self.cleaned_data["more_about"] or "").strip())

    def clean(self) -> dict[str, Any]:
        # See ``tokens.age``.
        self.age = tokens.age(self.cleaned_data.get("token", ""), self.article)
        if self.age is None:
            self.add_error(None, EXPIRED)
        return self.cleaned_data

    def refuse(self, sentence: str) -> None:
        """Refuse the post as a whole, whatever else is right or wrong with it."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        self.add_error(None, sentence)


def _left_out(user: User | None, *, offers_notices: bool) -> list[str]:
    if user is None:
        return [] if offers_notices else ["notify"]
    # Signed in, they are known; only those without a full name are asked what to be called.
    known = ["email", "url", "remember", "notify", "more_about"]
    return [*known, "author"] if user.get_full_name() else known


def _is_visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() and char not in _BLANK for char in text)


def _at_most(limit: int, value: str) -> str:
    if len(value) > limit:
        raise ValidationError(
            gettext("This is %(count)s characters long; %(most)s is the most we can take.")
            % {"count": _in_groups(len(value)), "most": _in_groups(limit)}
        )
    return value


def _in_groups(number: int) -> str:
    """Return the number as it is read: “10,000”."""
    return number_format(number, use_l10n=True, force_grouping=True)


def _web_address(value: str) -> str:
    """Return the address with its scheme; refuse what a browser should not be led to."""
    if not value:
        return ""
    address = value if "://" in value else f"https://{value}"
    try:
        parts = urlsplit(address)
        valid = (
            parts.scheme in ("http", "https")
            and "." in (parts.hostname or "")
            and "@" not in parts.netloc
        )
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        valid = False
    if not valid or any(
        char.isspace() or not char.isprintable() or char in "\"'<>\\`{}|^" for char in address
    ):
        raise ValidationError(
            _("This does not look like the address of a website, such as https://example.org.")
        )
    return address


def _helper(article: Article, fields: list[str]) -> FormHelper:
    helper = FormHelper()
    helper.form_id = "commentform"
    helper.form_action = reverse("reply", args=[article.slug])
    # The post's origin is checked instead, see comments.origin; a session brings the CSRF field.
    helper.disable_csrf = True
    helper.layout = Layout(
        *[Field(name) for name in fields], HTML("{% include 'comments/_form_end.html' %}")
    )
    return helper
