"""Record of every change: who did what to which node, when, from where, and what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.web import request_context
from hierarchy import dates, identities
from hierarchy.identities import Person
from hierarchy.models import AuditEvent, Capacity, Membership, Organization
from hierarchy.models.audit_event import LONGEST_REASON, SYSTEM, Changes
from hierarchy.models.identity import FORMER, LONGEST_LABEL
from hierarchy.models.path_snapshot import path_snapshot_of
from hierarchy.roles import Permission
from hierarchy.setting_definitions import SETTINGS, key_of, title_of

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

REFUSED: Final = "access.refuse"
# Every action that can be recorded, and how the activity page tells it: "<who> <sentence>".
ACTIONS: Final[dict[str, object]] = {REFUSED: _("was refused: %(target)s")}
# What was changed, by the event's `target_type`: their fields say how changes are read.
_targets: Final[dict[str, type[models.Model]]] = {}


def declare(sentences: dict[str, object], *, targets: Iterable[type[models.Model]] = ()) -> None:
    """Declare actions that can be recorded, with their sentences, and the models they are done to.

    Each room declares its own, in its `actions/events.py`.
    """
    for action, sentence in sentences.items():
        if action in ACTIONS:
            raise ValueError(f"declared twice: {action}")
        ACTIONS[action] = sentence
    _targets.update({str(model._meta.model_name): model for model in targets})


def actions() -> list[str]:
    """Return every action that can be recorded, grouped by noun."""
    return sorted(ACTIONS, key=lambda action: action.partition(".")[0])


STAFF = _("Platform staff")


def record(
    action: str,
    *,
    by: User | None,
    node: AnyNode | None,
    target: models.Model | None = None,
    target_label: str = "",
    changes: Changes | None = None,
) -> AuditEvent:
    """Write the one event of an action, in the action's own transaction.

    `by` is None for what the system does by itself. `target` is what was changed, the node itself
    unless said otherwise. `changes` maps fields to [before, after]; secrets never go in.
    """
    (event,) = _events(action, [(target or node, target_label, changes or {})], by, node)
    event.save(force_insert=True)
    return event


def record_all(
    action: str,
    rows: Iterable[tuple[models.Model, str, Changes]],
    *,
    by: User,
    node: AnyNode,
) -> None:
    """Write the events of an action done to many rows of `node`: one each, in few queries.

    Each of `rows` is the target, its label, and the changes, as `record` takes them.
    """
    AuditEvent.objects.bulk_create(_events(action, list(rows), by, node))


def _events(
    action: str,
    rows: Sequence[tuple[models.Model | None, str, Changes]],
    by: User | None,
    node: AnyNode | None,
) -> list[AuditEvent]:
    """Return the numbered events of an action, naming people by their identities."""
    if action not in ACTIONS:
        raise ValueError(f"undeclared action: {action}")
    kinds = {str(target._meta.model_name) for target, *_told in rows if target is not None}
    if not kinds <= _targets.keys():
        raise ValueError(f"undeclared targets: {', '.join(sorted(kinds - _targets.keys()))}")
    last, is_member = _next_number(node.organization, by, len(rows)) if node else (None, False)
    facts = request_context.current()
    actor = identities.person_of(by) if by else None
    targets = [_target(target, label) for target, label, _changes in rows]
    people = [actor, *targets, *identities.mentioned([changes for *_who, changes in rows])]
    known = identities.find(
        node.organization_id if node else None,
        [one for one in people if isinstance(one, Person)],
        facts,
    )
    common = {
        **path_snapshot_of(node),
        "action": action,
        "actor_id": by.pk if by else None,
        "actor_identity": known[actor.key] if actor else None,
        "acted_as": _capacity(by, is_member=is_member),
        "reason": facts.reason[:LONGEST_REASON],
        "door": facts.door or "command",
        "node_label": node.path_in_words[:200] if node else "",
        "whereabouts_id": identities.whereabouts_of(known[actor.key], facts) if actor else None,
        "request_id": facts.request_id,
    }
    numbers = range(last - len(rows) + 1, last + 1) if last else [None] * len(rows)
    return [
        AuditEvent(
            **common,
            number=number,
            target_type=(target._meta.model_name or "") if target else "",
            target_id=target.pk if target else None,
            target_name="" if isinstance(named, Person) else named[:LONGEST_LABEL],
            target_identity=known[named.key] if isinstance(named, Person) else None,
            changes=identities.refer(changes, known),
        )
        for (target, _label, changes), named, number in zip(rows, targets, numbers, strict=True)
    ]


def _target(target: models.Model | None, label: str) -> str:
    """Return what an event says that it was done to: a Person where that is a person."""
    if isinstance(target, User):
        return identities.person_of(target)
    if not label:
        user = getattr(target, "user", None)
        label = identities.person_of(user) if isinstance(user, User) else str(target or "")
    return identities.read(label) or label


def _capacity(by: User | None, *, is_member: bool) -> Capacity:
    """Return the capacity in which `by` acts: in the admin, everyone acts for the platform."""
    if by is None:
        return Capacity.SYSTEM
    door = request_context.current().door
    if door == request_context.ADMIN:
        return Capacity.STAFF
    if is_member:
        return Capacity.MEMBER
    return Capacity.STAFF if by.is_staff and not door else Capacity.OUTSIDER


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> Changes:
    """Return {field: [before, after]} for the fields that differ, ready to be stored as JSON."""
    return {
        field: [_plain(before.get(field)), _plain(value)]
        for field, value in after.items()
        if before.get(field) != value
    }


@dataclass(frozen=True)
class Change:
    """One field of an event in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """Event as it is told to a person: see `tell`."""

    event: AuditEvent
    actor: str
    actor_id: int | None  # None for the system itself, and for staff
    target: str
    changes: Changes
    address: str | None
    user_agent: str

    @property
    def subject(self) -> str:
        """Name of the actor, to begin a sentence."""
        return str(capfirst(self.actor)) if self.actor == str(FORMER) else self.actor

    @property
    def sentence(self) -> str:
        """Sentence that follows the actor's name: "changed the role of …"."""
        return describe(self.event)

    @property
    def changes_in_words(self) -> list[Change]:
        """Changes as people read them: with labels of fields, options and settings."""
        return [_in_words(self.event, name, *values) for name, values in self.changes.items()]


def tell(events: Iterable[AuditEvent], *, to_staff: bool = False) -> list[Told]:
    """Return events as every page and file tells them, in one query if they come `with_people`.

    An organization is told from where, and with which browser, its members acted, but nobody
    else. It isn't told which member of staff it was; staff are told everything.
    People are named as their identities are now: anyone who has been erased is a former member.
    """
    told = list(events)
    in_words = identities.labels_in(event.changes for event in told)
    return [_tell(event, in_words(event.changes), to_staff) for event in told]


def _tell(event: AuditEvent, changes: Changes, to_staff: bool) -> Told:
    hides_actor = event.acted_as == Capacity.STAFF and not to_staff
    shows_place = event.acted_as == Capacity.MEMBER or to_staff
    place = event.whereabouts if shows_place else None
    return Told(
        event,
        actor=str(STAFF) if hides_actor else event.actor_label,
        actor_id=None if hides_actor else event.actor_id,
        target=event.target_label,
        changes=changes,
        address=place.address if place else None,
        user_agent=place.user_agent if place else "",
    )


def done_by(name: str, organization_id: int) -> Q:
    """Return the condition that a person whom `tell` names has `name` in their name or address.

    The names of staff are not told, and so can't be asked about either.
    """
    people = identities.named(organization_id, name)
    found = Q(actor_id__in=people.values("person_id")) & ~Q(acted_as=Capacity.STAFF)
    if name.lower() in str(STAFF).lower():
        found |= Q(acted_as=Capacity.STAFF)
    if name.lower() in SYSTEM.lower():
        found |= Q(actor_id=None)
    return found


def describe(event: AuditEvent) -> str:
    """Return the sentence that follows the actor's name on an activity page."""
    target = event.target_label
    if event.action == REFUSED and target in set(Permission):
        target = Permission(target).label
    return _sentence(event.action, target)


def describe_action(action: str) -> str:
    """Return the sentence of an action for any target: "changed the role of …"."""
    return _sentence(action, "…")


def _sentence(action: str, target: str) -> str:
    """Return what was done; for an action that only a newer release knows, its name and target."""
    if action not in ACTIONS:
        return f"{action}: {target}"
    return str(ACTIONS[action]) % {"target": target}


def changes_of(event: AuditEvent) -> list[Change]:
    """Return what one event changed, as people read it; for many, see `tell`."""
    return tell([event])[0].changes_in_words


def _in_words(event: AuditEvent, name: str, before: Any, after: Any) -> Change:
    if event.action == "settings.change" and name in SETTINGS:
        setting = SETTINGS[name]
        inherited = gettext("inherited")
        old, new = (inherited if v is None else setting.display(v) for v in (before, after))
        return Change(str(setting.label), old, new)
    if event.action == "settings.change" and key_of(name) in SETTINGS:
        return Change(title_of(name), _shown(before, {}), _shown(after, {}))
    if name.endswith("_at"):
        before = _instant(before)
        after = _instant(after)
    field = _field(event.target_type, name)
    label = field.verbose_name if field else name.replace("_", " ")
    options = dict(field.flatchoices) if field else {}
    return Change(capfirst(str(label)), _shown(before, options), _shown(after, options))


def _field(target_type: str, name: str) -> models.Field[Any, Any] | None:
    try:
        field = _targets[target_type]._meta.get_field(name)
    except (KeyError, FieldDoesNotExist):
        return None
    return field if isinstance(field, models.Field) else None


def _instant(value: Any) -> Any:
    """Return an instant kept in an event by the reader's clock; anything else unchanged."""
    try:
        return dates.in_words(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return value


def _shown(value: object, options: dict[Any, object]) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or gettext("none")
    return gettext("none") if value in (None, "") else str(options.get(value, value))


def _next_number(organization: Organization, by: User | None, count: int = 1) -> tuple[int, bool]:
    """Take the organization's next `count` event numbers; return the last one.

    Its row stays locked until the commit, so the numbers have no gaps. Also return whether `by`
    has any membership there.
    """
    table = Organization._meta.db_table
    members = Membership._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET events = events + %s WHERE id = %s RETURNING events, EXISTS"  # noqa: S608
            f" (SELECT FROM {members} WHERE organization_id = {table}.id AND user_id = %s)",
            [count, organization.pk, by.pk if by else None],
        )
        last, is_member = cursor.fetchone()
    return int(last), bool(is_member)


def label_of(user: User) -> Person:
    """Return how records name a person: by name and address, as long as they are known."""
    return identities.person_of(user)


def _plain(value: object) -> object:
    if isinstance(value, bool | int | str | list | type(None)):
        return value
    return str(value)
