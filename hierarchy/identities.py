"""People whom the record names: found, made and erased beside the events that refer to them.

`changes` of an event refer to people, too: {"identity": 12} stands where an address would, and
{"text": ["…", {"identity": 12}]} where it would stand within a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.former_addresses import recognised_in_the_past
from accounts.models import NOWHERE, User
from config.web.request_context import RequestFacts
from hierarchy.models.identity import FORMER, Identity, Whereabouts, label_for

if TYPE_CHECKING:
    from typing import TypeAlias

# Loose on purpose: what looks like someone's address is taken for one. Begins where a word does,
# and no part can hold the sign that ends it, so that no text takes long.
_WORD = r"[^\s<>,;:()\"“”@.]+"
ADDRESS: Final = re.compile(rf"(?<![^\s<>,;:()\"“”])[^\s<>,;:()\"“”@]+@{_WORD}(?:\.{_WORD})+")
LABEL: Final = re.compile(rf"(?:(?P<name>[^<>]*\S) <)?(?P<email>{ADDRESS.pattern})(?(name)>)")

Key: TypeAlias = "tuple[int | None, str]"


class Person(str):
    """Person as records name them, possibly made up: show it like any other text."""

    __slots__ = ("email", "id", "name")

    id: int | None
    name: str
    email: str

    def __new__(cls, email: str, name: str = "", id: int | None = None) -> Person:  # noqa: A002
        person = super().__new__(cls, label_for(name, email))
        person.id = id
        person.name = name
        person.email = email
        return person

    @property
    def key(self) -> Key:
        return (self.id, "") if self.id is not None else (None, self.email)

    @property
    def is_closed(self) -> bool:
        """True if the account was closed by its person."""
        return self.email.endswith(f"@{NOWHERE}")


class Phrase(tuple[str, ...]):
    """A text of several parts, some of which are people: `Phrase((person, ", Shop"))`."""

    __slots__ = ()


def person_of(user: User) -> Person:
    return Person(user.email, user.get_full_name(), user.pk)


def read(text: str) -> Person | None:
    """Return who a text is that is nothing but an address, or a name with one."""
    if isinstance(text, Person):
        return text
    found = LABEL.fullmatch(text)
    return Person(found["email"][:254], (found["name"] or "")[:121]) if found else None


# --- Writing -------------------------------------------------------------------------------------


def mentioned(value: object) -> Iterator[Person]:
    """Yield everyone whom a value of an event names, however deep inside."""
    if isinstance(value, str):
        yield from (part for part in _parts(value) if isinstance(part, Person))
    elif isinstance(value, dict):
        for each in value.values():
            yield from mentioned(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from mentioned(each)


def refer(value: object, identities: dict[Key, Identity]) -> object:
    """Return the value with references in the place of people."""
    if isinstance(value, Phrase):
        return {"text": [part for text in value for part in _referred(text, identities)]}
    if isinstance(value, str):
        parts = _referred(value, identities)
        if len(parts) == 1:
            return parts[0]
        return {"text": parts} if parts else value
    if isinstance(value, dict):
        return {name: refer(each, identities) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [refer(each, identities) for each in value]
    return value


def _referred(text: str, identities: dict[Key, Identity]) -> list[object]:
    return [
        {"identity": identities[part.key].pk} if isinstance(part, Person) else part
        for part in _parts(text)
    ]


def _parts(text: str) -> list[str]:
    """Split a text at the addresses in it, which are people."""
    person = read(text)
    if person is not None:
        return [person]
    parts = []
    end = 0
    for found in ADDRESS.finditer(text):
        parts += [text[end : found.start()], Person(found[0][:254])]
        end = found.end()
    return [part for part in [*parts, text[end:]] if part]


def find(
    organization_id: int | None, people: Iterable[Person], facts: RequestFacts
) -> dict[Key, Identity]:
    """Return the identities of people in an organization, as they are now, by their keys.

    One query when all are known already. Each comes with its `here`: the id of its whereabouts by
    the facts of a request, or None.
    """
    wanted = {person.key: person for person in people}
    found = _stored(organization_id, wanted, facts) if wanted else {}
    missing = [person for key, person in wanted.items() if key not in found]
    if missing:
        made = [_new(organization_id, person) for person in missing]
        Identity.objects.bulk_create(made, ignore_conflicts=True)  # someone may be quicker
        found |= _stored(organization_id, {person.key: person for person in missing}, facts)
    for key, identity in found.items():
        _bring_up_to_date(identity, wanted[key])
    return found


def whereabouts_of(identity: Identity, facts: RequestFacts) -> int | None:
    """Return the id of where a person acts from, noted if it is new; None if unknown."""
    if not (facts.address or facts.user_agent):
        return None
    here: int | None = getattr(identity, "here", None)
    if here is None:
        own = {"identity": identity, "address": facts.address, "user_agent": facts.user_agent}
        Whereabouts.objects.bulk_create([Whereabouts(**own)], ignore_conflicts=True)
        here = Whereabouts.objects.values_list("pk", flat=True).get(**own)
    return here


def _stored(
    organization_id: int | None, wanted: dict[Key, Person], facts: RequestFacts
) -> dict[Key, Identity]:
    ids = [pk for pk, _email in wanted if pk is not None]
    emails = [email for pk, email in wanted if pk is None]
    known = Q()
    if ids:
        known |= Q(person_id__in=ids)
    if emails:
        known |= Q(person_id=None, email__in=emails, erased_at=None)
    rows = Identity.objects.filter(known, organization_id=organization_id)
    if facts.address or facts.user_agent:
        here = Whereabouts.objects.filter(
            identity=OuterRef("pk"), address=facts.address, user_agent=facts.user_agent
        )
        rows = rows.annotate(here=Subquery(here.values("pk")[:1]))
    return {(row.person_id, "" if row.person_id else row.email): row for row in rows}


def _new(organization_id: int | None, person: Person) -> Identity:
    own = {"organization_id": organization_id, "person_id": person.id}
    if person.is_closed:
        return Identity(**own, erased_at=timezone.now())
    return Identity(**own, name=person.name, email=person.email)


def _bring_up_to_date(identity: Identity, person: Person) -> None:
    """Take over another name or address of an account; what is erased stays so."""
    if person.id is None or identity.erased_at is not None or person.is_closed:
        return
    if (identity.name, identity.email) != (person.name, person.email):
        identity.name = person.name
        identity.email = person.email
        identity.save(update_fields=["name", "email"])


# --- Reading -------------------------------------------------------------------------------------


def labels_in(values: Iterable[Any]) -> Callable[[Any], Any]:
    """Return a function that puts values of events in words; all their people take one query."""
    kept = list(values)
    ids = {pk for value in kept for pk in _references(value)}
    labels = {row.pk: row.label for row in Identity.objects.filter(pk__in=ids)} if ids else {}
    return lambda value: _told(value, labels)


def _references(value: object) -> Iterator[int]:
    if isinstance(value, dict):
        if "identity" in value and len(value) == 1:
            yield value["identity"]
        else:
            for each in value.values():
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _told(value: object, labels: dict[int, str]) -> object:
    if isinstance(value, list):
        return [_told(each, labels) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"identity"}:
        return labels.get(value["identity"], str(FORMER))
    if value.keys() == {"text"}:
        return "".join(str(_told(part, labels)) for part in value["text"])
    return {name: _told(each, labels) for name, each in value.items()}


def named(organization_id: int, name: str) -> QuerySet[Identity]:
    """Return the identities with `name` in their name or address, also at the seam of the two."""
    rows = Identity.objects.filter(organization_id=organization_id, erased_at=None)
    return rows.filter(Q(name__icontains=name) | Q(email__icontains=name))


# --- Erasing -------------------------------------------------------------------------------------


def erase(user: User, emails: Collection[str]) -> None:
    """Take from the record, everywhere, who the person was; `emails` are the addresses they have.

    Those they had before are recognised in the organizations whose events name them.
    """
    theirs = Identity.objects.filter(person_id=user.pk, erased_at=None)
    places = theirs.values("organization_id")
    addresses = Identity.objects.filter(person_id=None, erased_at=None)
    former = [
        row.pk
        for row in addresses.filter(organization_id__in=places).iterator()
        if recognised_in_the_past(user, row.email)
    ]
    _erase(Identity.objects.filter(Q(pk__in=former) | Q(pk__in=theirs.values("pk"))))
    erase_addresses(emails)


def erase_addresses(emails: Collection[str]) -> int:
    """Take addresses without an account from the record; return of how many identities."""
    return _erase(Identity.objects.filter(person_id=None, erased_at=None, email__in=emails))


def _erase(rows: QuerySet[Identity]) -> int:
    ids = list(rows.values_list("pk", flat=True))
    Whereabouts.objects.filter(identity__in=ids).update(address=None, user_agent="")
    return Identity.objects.filter(pk__in=ids).update(name="", email="", erased_at=timezone.now())
