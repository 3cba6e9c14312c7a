"""What staff try and may not do, in the record of the node that they tried it on."""

from django.core.cache import cache
from django.urls import reverse

from hierarchy import audit
from hierarchy.models import AuditEvent
from hierarchy.roles import Role
from tests.factories import MembershipFactory


def _page(name, row):
    return reverse(f"admin:hierarchy_workspace_{name}", args=[row.pk])


def test_note_what_staff_try_and_may_not(enter_admin, tree):
    cache.clear()
    clerk = MembershipFactory(node=tree.shop, role=Role.VIEWER, user__is_staff=True).user
    client = enter_admin(clerk)

    answers = [
        client.get(_page("suspend", tree.shop)),
        client.post(_page("suspend", tree.shop)),
        client.post(_page("change", tree.shop), {}),
        client.post(_page("change", tree.press), {}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    events = AuditEvent.objects.filter(action=audit.REFUSED).order_by("id")
    assert [(e.actor_id, e.door, e.node_label, audit.describe(e)) for e in events] == [
        (clerk.pk, "admin", "Acme / Shop", "was refused: Suspend: workspace"),
        (clerk.pk, "admin", "Acme / Shop", "was refused: Change: workspace"),
    ]


def test_note_nothing_of_what_staff_may_and_a_rule_refuses(admin, tree):
    cache.clear()
    admin.post(_page("resume", tree.shop))

    assert not AuditEvent.objects.filter(action=audit.REFUSED).exists()
