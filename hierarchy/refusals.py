"""How an action says no: one exception family, each with a sentence for the person who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from hierarchy.roles import Permission


class Refused(Exception):  # noqa: N818 - it names what happened, as Django's PermissionDenied does
    """A rule says no and nothing has changed.

    `code` is stable and for programs; `sentence` is for the person and says what to do; `field`
    names the input that the sentence is about, if it is about one.
    """

    def __init__(self, code: str, sentence: Any, *, field: str | None = None) -> None:
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
    """Somebody else saved first: the answer is 409, with what is stored now.

    `current` maps a field's name to its stored value.
    """

    def __init__(self, sentence: Any, current: dict[str, Any]) -> None:
        super().__init__("stale", sentence)
        self.current = current


def sentence_of(refused: Refused) -> str:
    """Return what is said of a refusal beside others: of a missing permission, which it is."""
    if isinstance(refused, NotAllowed) and not refused.sentence:
        return _("You may not %(permission)s.") % {"permission": refused.permission.label}
    return refused.sentence
