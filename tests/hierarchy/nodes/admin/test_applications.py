"""The trusted origins of an application, edited inside its form."""

import pytest

from hierarchy.models import AuditEvent, TrustedOrigin
from hierarchy.roles import Role
from tests.factories import MembershipFactory, TrustedOriginFactory
from tests.support.admin_forms import errors, filled, send, url
from tests.support.refusals import snapshot


def _new(index=0, **values):
    row = {f"origins-{index}-{name}": value for name, value in values.items()}
    return row | {"origins-TOTAL_FORMS": index + 1}


def test_add_an_origin(admin, tree):
    row = _new(origin="https://App.Example.com/", include_subdomains="on")

    response = send(admin, url(tree.development), **row)

    assert response.status_code == 302
    assert str(TrustedOrigin.objects.get()) == "*.app.example.com"
    assert [event.action for event in AuditEvent.objects.all()] == ["trusted_origin.add"]


def test_edit_an_origin(admin, tree):
    origin = TrustedOriginFactory(node=tree.development, host="old.example.com")

    response = send(admin, url(tree.development), **{"origins-0-origin": "new.example.com:8443"})

    assert response.status_code == 302
    origin.refresh_from_db()
    assert (origin.host, origin.port) == ("new.example.com", 8443)
    assert AuditEvent.objects.get().action == "trusted_origin.edit"


def test_remove_an_origin(admin, tree):
    TrustedOriginFactory(node=tree.development)

    response = send(admin, url(tree.development), **{"origins-0-DELETE": "on"})

    assert response.status_code == 302
    assert not TrustedOrigin.objects.exists()
    assert AuditEvent.objects.get().action == "trusted_origin.remove"


@pytest.mark.parametrize(
    ("origin", "sentence"),
    [
        ("github.io", "github.io is shared by many owners. Enter your own host under it."),
        ("https://me@example.com", "Leave out the username."),
    ],
)
def test_tell_what_is_wrong_with_an_origin(admin, tree, origin, sentence):
    before = snapshot()

    response = send(admin, url(tree.development), **_new(origin=origin))

    assert errors(response) == [sentence]
    assert snapshot() == before


def test_refuse_all_where_the_action_refuses_one(admin, tree):
    TrustedOriginFactory(node=tree.production, host="app.example.com")
    before = snapshot()
    row = _new(1, origin="http://other.example.com")

    response = send(admin, url(tree.production), name="Renamed", **row)

    assert errors(response) == [
        "In production, only https is trusted, except on the local machine."
    ]
    assert snapshot() == before


def test_ask_before_another_domain_is_trusted(admin, tree):
    send(admin, url(tree.development), website="https://example.com")
    row = _new(origin="example.org")

    refused = send(admin, url(tree.development), **row)
    confirmed = send(admin, url(tree.development), **row, **{"origins-0-confirmed": "on"})

    (sentence,) = errors(refused)
    assert sentence.startswith("example.org isn't on the same domain as the web site")
    assert confirmed.status_code == 302
    assert TrustedOrigin.objects.get().host == "example.org"


def test_change_no_origin_of_another_application(admin, tree):
    TrustedOriginFactory(node=tree.development)
    other = TrustedOriginFactory(node=tree.production)
    before = snapshot()

    for forged in ({"origins-0-origin": "stolen.example.com"}, {"origins-0-DELETE": "on"}):
        send(admin, url(tree.development), **{"origins-0-id": other.pk}, **forged)

    assert snapshot() == before


def test_add_no_origin_to_another_application(admin, tree):
    row = _new(origin="a.example.com", application=tree.production.pk)

    response = send(admin, url(tree.development), **row)

    assert response.status_code == 200
    assert not TrustedOrigin.objects.exists()


def test_change_no_origin_without_the_permission(enter_admin, tree):
    """What somebody may only see is not changed by what they send all the same."""
    reader = MembershipFactory(
        user__is_staff=True, node=tree.development, role=Role.MAINTAINER
    ).user
    TrustedOriginFactory(node=tree.development, host="old.example.com")
    browser = enter_admin(reader)
    data = filled(browser, url(tree.development)) | {"origins-0-origin": "new.example.com"}

    response = browser.post(url(tree.development), data)

    assert response.status_code == 403
    assert TrustedOrigin.objects.get().host == "old.example.com"


def test_say_of_which_origin_somebody_else_has_changed_and_save_the_second_time(admin, tree):
    TrustedOriginFactory(node=tree.development, host="kept.example.com")
    origin = TrustedOriginFactory(node=tree.development, host="old.example.com")
    mine = filled(admin, url(tree.development)) | {"origins-1-origin": "new.example.com"}
    TrustedOrigin.objects.filter(pk=origin.pk).update(include_subdomains=True)

    response = admin.post(url(tree.development), mine)

    assert response.status_code == 409
    assert errors(response) == [
        "*.old.example.com has changed since you opened this page. See below.",
        "Someone has changed this since you opened it.",
        "Host. Your version: new.example.com. Current version: old.example.com.",
        "Your version: No. Current version: Yes.",
    ]
    version = response.context["inline_admin_formsets"][0].formset.forms[1]["version"].value()
    again = admin.post(url(tree.development), mine | {"origins-1-version": version})
    origin.refresh_from_db()
    assert (again.status_code, origin.host) == (302, "new.example.com")


def test_an_origin_that_has_changed_hides_no_change_of_the_application(admin, tree, staff):
    origin = TrustedOriginFactory(node=tree.development, host="old.example.com")
    mine = filled(admin, url(tree.development)) | {"origins-0-origin": "new.example.com"}
    TrustedOrigin.objects.filter(pk=origin.pk).update(include_subdomains=True)

    response = admin.post(url(tree.development), mine)

    form = response.context["adminform"].form
    assert str(form["version"].value()) == str(mine["version"])


def test_remove_no_origin_that_has_changed(admin, tree):
    origin = TrustedOriginFactory(node=tree.development, host="old.example.com")
    mine = filled(admin, url(tree.development)) | {"origins-0-DELETE": "on"}
    TrustedOrigin.objects.filter(pk=origin.pk).update(include_subdomains=True)

    response = admin.post(url(tree.development), mine)

    assert response.status_code == 409
    assert TrustedOrigin.objects.filter(pk=origin.pk).exists()
    assert errors(response)[0].startswith("*.old.example.com has changed")
