"""Steps on e-mail domains, and of those who come in through them."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from config.versions import AS_IT_IS
from hierarchy.models import EmailDomain, word_for
from tests.properties.machine.base import ACTORS, Machine, after_change, choice, role
from tests.properties.machine.world import PEOPLE
from tests.properties.reference.domains import EVERYBODYS, Domain
from tests.support.acting import email_domains

DOMAINS = [EVERYBODYS, "acme.example"]


class Domains(Machine):
    def __init__(self, world, name_server):
        super().__init__(world, name_server)
        self._publish()

    @rule(choice=choice, domain=st.sampled_from(DOMAINS))
    def list_domain(self, choice, domain):
        done = self.take(
            choice,
            product(ACTORS, ["acme", "globex"], [domain]),
            self.reference.may_list,
            lambda user, name, _domain: email_domains.add(self.real[name], domain, by=user),
        )
        if done:
            _by, name, _domain, row = done
            self.domain_rows[row.pk] = row
            self.reference.listed[row.pk] = Domain(name, domain)

    def _on_domain(self, choice, is_allowed, action, *more, events=1):
        """Return the row in miniature, and its id, if it is done."""
        done = self.take(
            choice,
            product(ACTORS, self.domain_rows, *([each] for each in more)),
            is_allowed,
            lambda user, pk, *_more: action(self.domain_rows[pk], user) or True,
            events=events,
        )
        return (self.reference.listed[done[1]], done[1]) if done else (None, None)

    @rule(
        choice=choice,
        mode=st.sampled_from(["off", "request", "automatic"]),
        new=role,
        is_stale=st.booleans(),
    )
    def edit_domain(self, choice, mode, new, is_stale):
        """By a form of this moment, or by one that was made when it was another."""
        listed = self.reference.listed
        row, _pk = self._on_domain(
            choice,
            lambda by, pk, new: not is_stale and self.reference.may_edit_domain(by, pk, new),
            lambda row, user: email_domains.edit(
                row,
                mode=mode,
                role=self.real_role(new),
                by=user,
                version="stale" if is_stale else self._version_of(row.pk),
            ),
            new,
            events=lambda _by, pk, new: (listed[pk].mode, listed[pk].role) != (mode, new),
        )
        if row:
            row.mode = mode
            row.role = new
            self.reference.open_doors()

    def _version_of(self, pk):
        row = EmailDomain.objects.filter(pk=pk).first()
        return str(row.shown_door) if row else AS_IT_IS

    @rule(choice=choice)
    def verify_domain(self, choice):
        row, _pk = self._on_domain(
            choice,
            self.reference.may_verify,
            lambda row, user: email_domains.verify(row, by=user),
            events=lambda _by, pk: not self.reference.listed[pk].is_verified,
        )
        if row:
            row.is_verified = True
            row.failing_since = None
            self.reference.open_doors()

    @rule(choice=choice)
    def unlist_domain(self, choice):
        row, pk = self._on_domain(
            choice,
            self.reference.may_unlist,
            lambda row, user: email_domains.remove(row, by=user),
        )
        if row:
            del self.reference.listed[pk]
            self.reference.open_doors()
            self._publish()

    @precondition(lambda self: self.reference.listed)
    @rule(data=st.data())
    def change_the_dns(self, data):
        row = self.reference.listed[data.draw(st.sampled_from(sorted(self.reference.listed)))]
        row.is_published = not row.is_published
        self._publish()
        self.has_changed = False

    def _publish(self):
        self.name_server.records.clear()
        for pk, row in self.reference.listed.items():
            if row.is_published:
                real = self.domain_rows[pk]
                records = self.name_server.records.setdefault(real.challenge_name, [])
                records.append([real.challenge_value])

    @rule()
    def recheck_domains(self):
        assert email_domains.recheck() == self.reference.recheck()
        self.note_change()

    @rule(choice=choice)
    def join(self, choice):
        done = self.take(
            choice,
            product(PEOPLE, self.domain_rows),
            self.reference.may_join_by,
            lambda user, pk: email_domains.join(self.domain_rows[pk], by=user),
        )
        if done:
            by, pk, row = done
            domain = self.reference.listed[pk]
            self._know(row, by, domain.organization, domain.role)

    @after_change
    def store_domains_as_the_reference(self):
        stored = {
            (row.pk, row.domain, row.mode, word_for(row.given_role), row.is_verified)
            for row in EmailDomain.objects.all()
        }
        assert stored == {
            (pk, row.name, row.mode, self.word(row.role), row.is_verified)
            for pk, row in self.reference.listed.items()
        }
