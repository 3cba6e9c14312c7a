"""The same form of the admin, sent twice, makes one thing."""

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.urls import reverse

from hierarchy.console.views.sent_once import DRAWN_FOR_EACH_PAGE
from hierarchy.models import (
    Application,
    AuditEvent,
    Invitation,
    Membership,
    OwnershipRecovery,
    Workspace,
)
from tests.factories import OrganizationFactory
from tests.support.admin_forms import filled, messages

FORMS = {
    Workspace: lambda tree, person: {
        "organization": tree.acme.pk,
        "name": "Newcomer",
        "slug": "newcomer",
    },
    Application: lambda tree, person: {
        "workspace": tree.shop.pk,
        "name": "Newcomer",
        "slug": "newcomer",
        "platform": "web",
        "environment": "staging",
    },
    Membership: lambda tree, person: {
        "organization": tree.acme.pk,
        "user": person.pk,
        "role": "viewer",
    },
    Invitation: lambda tree, person: {
        "organization": tree.acme.pk,
        "email": "new@example.com",
        "role": "viewer",
    },
    OwnershipRecovery: lambda tree, person: {
        "organization": OrganizationFactory().pk,
        "user": person.pk,
        "reason": "The owners have left",
    },
    Group: lambda tree, person: {"name": "Support"},
}


def test_know_every_form_that_makes_something(rf, staff):
    request = rf.get("/")
    request.user = staff

    models = {
        model
        for model, model_admin in django_admin.site._registry.items()
        if model_admin.has_add_permission(request)
    }

    assert models == set(FORMS)


@pytest.mark.parametrize("model", FORMS, ids=lambda model: model.__name__)
def test_make_one_thing_of_the_same_form(admin, tree, outsider, model):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    fields = {name: str(value) for name, value in filled(admin, url).items()}
    data = fields | FORMS[model](tree, outsider) | {DRAWN_FOR_EACH_PAGE: "a" * 64}

    first = admin.post(url, data)
    rows = model._default_manager.count()
    events = AuditEvent.objects.count()
    second = admin.post(url, data)

    assert first.status_code == 302, first.context["adminform"].form.errors
    assert (model._default_manager.count(), AuditEvent.objects.count()) == (rows, events)
    assert second["Location"] == first["Location"]
    said = messages(admin.get(second["Location"], follow=True))
    assert said[-1] == "That form was already submitted. Nothing was created twice."
