"""Refusals of actions: one exception family, each with a sentence for the person who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from config.versions import Comparison, Shown, Version
    from hierarchy.roles import Permission


class Refused(Exception):  # noqa: N818 - it names what happened, as Django's PermissionDenied does
    """A rule says no and nothing has changed.

    `code` is stable and for programs; `sentence` is for the person and says what to do; `field`
    names the input that the sentence is about, if it is about one.
    """

    def __init__(self, code: str, sentence: object, *, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.code = code
        self.sentence = str(sentence)
        self.field = field


class NotAllowed(Refused):
    """The person sees the node and lacks `permission` on it: the answer is 403."""

    def __init__(self, permission: Permission, node: Any, sentence: Any = "") -> None:
        super().__init__("not_allowed", sentence)
        self.permission = permission
        self.node = node


class Stale(Refused):
    """Stored facts differ from those that were read before deciding: the answer is 409.

    `shown` is what is stored now, `version` is what the form submitted.
    """

    def __init__(self, shown: Shown, version: Version) -> None:
        sentence = _("Someone has changed this since you opened it.")
        self.is_unknown = shown.facts_in(version) is None  # nobody can say what was read
        if self.is_unknown:
            sentence = _(
                "This form doesn't say which version it shows, so nothing was changed. Open it"
                " again."
            )
        super().__init__("stale", sentence)
        self.shown = shown
        self.version = version

    @property
    def versions(self) -> Comparison:
        """Comparison of what was read and what is stored, of each fact that has changed."""
        return self.shown.since(self.version)


def refuse_stale(shown: Shown, version: Version) -> None:
    """Refuse a decision about anything but `shown`, which is stored now."""
    if not shown.fits(version):
        raise Stale(shown, version)


def sentence_of(refused: Refused) -> str:
    """Return a refusal in one sentence: with the missing permission, or what changed."""
    if isinstance(refused, NotAllowed) and not refused.sentence:
        return _("You don't have permission to %(permission)s.") % {
            "permission": refused.permission.label
        }
    if isinstance(refused, Stale):
        rows = refused.versions.values()
        changes = "; ".join(f"{label}: {read or '-'} → {now or '-'}" for label, read, now in rows)
        return f"{refused.sentence} {changes}"
    return refused.sentence
