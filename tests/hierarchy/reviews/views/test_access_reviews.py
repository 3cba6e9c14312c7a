"""Reviewing who has access, in the console."""

import csv
import hashlib
import io
import json
from base64 import b64decode
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.exports import BYTE_ORDER_MARK
from hierarchy.models import AccessReview, Membership, WayIn
from hierarchy.roles import Role
from tests.factories import (
    CustomRoleFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    membership_of,
)
from tests.support.acting import access_reviews, memberships, nodes, transfers
from tests.support.refusals import snapshot

INDEX = "/o/acme/access/reviews/"


def _start(node, by):
    return access_reviews.start(node, due_at=timezone.now() + timedelta(days=14), by=by)


@pytest.fixture
def review(tree, owner, manager, maintainer, viewer):
    """A review of Acme, with two owners, a manager, a maintainer and a viewer."""
    return _start(tree.acme, owner)


def _url(review, name="detail", **more):
    return node_url(review.node, f"access-review-{name}", pk=review.pk, **more)


def _row_url(review, member, verb):
    row = review.rows.get(membership_id=member.pk)
    return node_url(review.node, f"access-review-row-{verb}", pk=row.pk)


def _lines(response):
    return {line.row.person.partition("<")[2][:-1]: line for line in response.context["rows"]}


def _page(client, review, query=""):
    return client.get(f"{_url(review)}{query}")


# --- Starting and listing ------------------------------------------------------------------------


def test_start_and_list(sign_in, owner, tree):
    client = sign_in(owner)
    empty = client.get(INDEX).content.decode()
    due = timezone.localtime() + timedelta(days=7)

    done = client.post(f"{INDEX}start/", {"due_at": f"{due:%Y-%m-%dT%H:%M}"}, follow=True)
    listed = client.get(INDEX)

    review = AccessReview.objects.get()
    assert "No reviews yet" in empty
    assert f"{INDEX}start/" in empty
    assert done.redirect_chain == [(_url(review), 302)]
    assert "0 of 2 memberships answered" in done.content.decode()
    assert listed.context["page"].rows == [review]
    assert f"{INDEX}start/" not in listed.content.decode()


def test_start_takes_the_time_as_that_of_the_viewer(sign_in, owner, tree):
    owner.time_zone = "Asia/Tokyo"
    owner.save()
    day = timezone.now().date() + timedelta(days=7)

    sign_in(owner).post(f"{INDEX}start/", {"due_at": f"{day}T09:00"})

    assert AccessReview.objects.get().due_at.hour == 0


def test_start_says_what_is_wrong(sign_in, owner, tree, review):
    client = sign_in(owner)
    before = snapshot()
    later = timezone.now() + timedelta(days=7)

    past = client.post(f"{INDEX}start/", {"due_at": "2020-01-01T09:00"})
    second = client.post(f"{INDEX}start/", {"due_at": f"{later:%Y-%m-%dT%H:%M}"})

    assert "Choose a time in the future." in past.content.decode()
    assert "A review is already open here" in second.content.decode()
    assert snapshot() == before


def test_the_access_page_leads_there_where_reviews_can_be(sign_in, owner, tree):
    client = sign_in(owner)

    for node, expected in ((tree.acme, True), (tree.shop, True), (tree.production, False)):
        content = client.get(node_url(node, "access")).content.decode()
        assert ("access/reviews/" in content) is expected


# --- Looking -------------------------------------------------------------------------------------


def test_show_what_the_viewer_may_answer(sign_in, manager, tree, review):
    lines = _lines(_page(sign_in(manager), review))

    may = {email.partition("@")[0]: line.may_answer for email, line in lines.items()}
    assert may == {
        "first": False,
        "owner": False,
        "manager": False,
        "maintainer": True,
        "viewer": True,
    }
    assert lines["manager@example.com"].is_own


def test_show_what_happened_meanwhile(sign_in, owner, tree, maintainer, viewer, manager, review):
    memberships.leave(membership_of(viewer, tree.acme), by=viewer)
    memberships.change_role(membership_of(maintainer, tree.acme), Role.VIEWER, by=owner)
    memberships.suspend(membership_of(manager, tree.acme), by=owner)

    response = _page(sign_in(owner), review, "?show=all")

    lines = _lines(response)
    assert lines["viewer@example.com"].has_ended
    assert not lines["viewer@example.com"].may_answer
    assert lines["maintainer@example.com"].has_another_role
    content = response.content.decode()
    assert "Ended since" in content
    assert "Changed since" in content
    assert "Suspended since" in content
    assert "1 of 5 memberships answered" in content


def test_say_that_the_time_is_over_while_rows_wait(sign_in, owner, tree, review):
    client = sign_in(owner)
    assert "This review is overdue" not in _page(client, review).content.decode()

    AccessReview.objects.update(due_at=timezone.now())

    assert "This review is overdue" in _page(client, review).content.decode()
    assert "Overdue" in client.get(INDEX).content.decode()


def test_name_who_has_closed_their_account_as_they_were(sign_in, owner, tree, viewer, review):
    type(viewer).objects.filter(pk=viewer.pk).update(is_active=False, email="x@closed.invalid")

    content = _page(sign_in(owner), review, "?show=all").content.decode()

    assert "Viewer &lt;viewer@example.com&gt;" in content
    assert "closed.invalid" not in content


def test_filter_by_answer_and_by_person(sign_in, owner, tree, viewer, review):
    row = review.rows.get(user_id=viewer.pk)
    access_reviews.keep(review, [row], by=owner)
    client = sign_in(owner)

    waiting = _lines(_page(client, review))
    answered = _lines(_page(client, review, "?show=answered"))
    found = _lines(_page(client, review, "?show=all&q=MAINT+example"))
    nobody = _page(client, review, "?q=nobody-like-that").content.decode()

    assert len(waiting) == 4
    assert list(answered) == ["viewer@example.com"]
    assert list(found) == ["maintainer@example.com"]
    assert "No matches" in nobody


def test_page_through_many_with_as_many_queries_as_for_few(sign_in, owner, tree):
    MembershipFactory(node=tree.press)
    small = _start(tree.press, owner)
    MembershipFactory.create_batch(60, node=tree.shop)
    large = _start(tree.shop, owner)
    client = sign_in(owner)
    for review in (small, large):
        _page(client, review)

    def asked(review):
        with CaptureQueriesContext(connection) as captured:
            response = _page(client, review)
        return len(captured), response

    (few, _response) = asked(small)
    (many, first) = asked(large)
    second = client.get(first.context["page"].next_url)

    assert few == many
    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 10)
    people = {line.row.pk for line in [*first.context["rows"], *second.context["rows"]]}
    assert len(people) == 60


def test_see_it_takes_the_sight_of_all_members_beneath(sign_in, tree, review):
    role = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "view_organization_member"]
    )
    auditor = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user

    response = _page(sign_in(auditor), review)

    assert response.status_code == 403
    assert "view_workspace_member" in response.content.decode()


def test_who_only_sees_members_answers_nothing(sign_in, guest, owner, tree):
    MembershipFactory(node=tree.shop)
    review = _start(tree.shop, owner)
    client = sign_in(guest)
    before = snapshot(but_noted=True)

    shown = _page(client, review)
    kept = client.post(_url(review, "keep"), {"row": review.rows.first().pk})

    assert shown.status_code == 200
    assert not shown.context["may_keep"]
    assert not shown.context["may_end"]
    assert kept.status_code == 403
    assert snapshot(but_noted=True) == before


def test_find_no_review_of_another_node(sign_in, owner, tree, review):
    MembershipFactory(node=tree.press)
    other = _start(tree.press, owner)
    client = sign_in(owner)
    before = snapshot()

    for name in ("detail", "finish", "cancel"):
        url = node_url(tree.acme, f"access-review-{name}", pk=other.pk)
        assert client.get(url).status_code == 404
    for verb in ("change", "remove"):
        url = node_url(tree.acme, f"access-review-row-{verb}", pk=other.rows.get().pk)
        assert client.post(url, {"role": "manager"}).status_code == 404
    foreign = {"row": [other.rows.get().pk]}
    client.post(_url(review, "keep"), foreign)
    assert snapshot() == before


def test_show_how_each_came_in(sign_in, owner, tree, manager):
    MembershipFactory(node=tree.acme, invited_by=manager)
    MembershipFactory(node=tree.acme, way_in=WayIn.DOMAIN, way_in_detail="example.com")

    content = _page(sign_in(owner), _start(tree.acme, owner)).content.decode()

    assert "Invited by Manager" in content
    assert "Joined with an address at example.com" in content


def test_show_what_is_in_the_trash_as_ended(sign_in, owner, tree):
    member = MembershipFactory(node=tree.production)
    review = _start(tree.shop, owner)
    nodes.delete(tree.production, by=owner)
    client = sign_in(owner)

    response = _page(client, review)

    (line,) = response.context["rows"]
    assert (line.has_ended, line.may_answer, line.may_remove) == (True, False, False)
    assert "Ended since" in response.content.decode()
    assert "1 of 1 membership answered" in response.content.decode()
    for verb in ("change", "remove"):
        assert client.get(_row_url(review, member, verb)).status_code == 404


def test_say_of_which_workspace_a_review_was_that_has_left(sign_in, owner, tree):
    MembershipFactory(node=tree.shop)
    review = _start(tree.shop, owner)
    globex = OrganizationFactory(name="Globex")
    MembershipFactory(node=globex, user=owner, role=Role.OWNER)
    transfers.accept(transfers.offer(tree.shop, globex, by=owner), by=owner, keep=[])
    _start(tree.acme, owner)
    client = sign_in(owner)

    listed = client.get(INDEX).content.decode()
    page = client.get(f"{INDEX}{review.pk}/").content.decode()

    assert listed.count("of Shop, which has since left") == 1
    assert "Everyone who had a role on the workspace Shop, or on anything in it" in page
    assert "It has since left Acme." in page


# --- Answering -----------------------------------------------------------------------------------


def test_keep_those_who_are_ticked(sign_in, owner, tree, viewer, maintainer, review):
    rows = list(review.rows.filter(user_id__in=[viewer.pk, maintainer.pk]))

    done = sign_in(owner).post(
        _url(review, "keep"), {"row": [row.pk for row in rows], "note": "On the team"}, follow=True
    )

    assert "Your answer has been recorded. Their access stays as it is." in done.content.decode()
    assert "2 of 5 memberships answered" in done.content.decode()
    assert set(review.answered().values_list("note", flat=True)) == {"On the team"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Select the members first."),
        ({"row": ["none"]}, "Select the members first."),
        ({"row": ["9" * 5000]}, "Select the members first."),
        ({"row": ["1"], "note": "x" * 501}, "The note is too long."),
    ],
)
def test_keep_says_what_is_missing(sign_in, owner, tree, review, data, sentence):
    done = sign_in(owner).post(_url(review, "keep"), data, follow=True)

    assert sentence in done.content.decode()
    assert not review.answered().exists()


def test_keep_refuses_oneself(sign_in, owner, tree, review):
    own = review.rows.get(user_id=owner.pk)

    done = sign_in(owner).post(_url(review, "keep"), {"row": [own.pk]}, follow=True)

    assert "answer for your own membership." in done.content.decode()
    assert not review.answered().exists()


def test_keep_nobody_as_what_they_are_no_more(sign_in, owner, tree, viewer, maintainer, review):
    """Two are ticked on a page that shows the role of one as it was a moment ago."""
    client = sign_in(owner)
    ticked = [
        f"{line.row.pk}:{line.membership.shown}"
        for line in _page(client, review).context["rows"]
        if line.row.user_id in (viewer.pk, maintainer.pk)
    ]
    memberships.change_role(membership_of(viewer, tree.acme), Role.MANAGER, by=owner)

    asked = client.post(_url(review, "keep"), {"row": ticked})

    assert not review.answered().exists()
    assert "Role: Viewer → Manager" in asked.content.decode()
    client.post(_url(review, "keep"), {"row": asked.context["fine"]})
    assert [row.user_id for row in review.answered()] == [maintainer.pk]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_change_shows_both_roles_when_somebody_was_faster(
    sign_in, owner, tree, viewer, review, headers
):
    client = sign_in(owner)
    membership = membership_of(viewer, tree.acme)
    url = _row_url(review, membership, "change")
    version = client.get(url).context["form"]["version"].value()
    memberships.change_role(membership, Role.MANAGER, by=owner)
    sent = {"role": "maintainer", "note": "Helps out", "version": version}

    response = client.post(url, sent, headers=headers)

    assert response.status_code == 409
    assert list(response.context["form"].versions.values()) == [("Role", "Maintainer", "Manager")]
    form = response.context["form"]
    assert form["note"].value() == "Helps out"
    client.post(url, sent | {"version": form["version"].value()}, headers=headers)
    assert membership_of(viewer, tree.acme).role == Role.MAINTAINER


def test_keep_all_or_nobody_and_say_why(sign_in, manager, tree, owner, viewer, maintainer, review):
    """What a manager ticks before somebody else makes an owner of one of them."""
    answered, good, beyond = (
        review.rows.get(user_id=user.pk) for user in (maintainer, viewer, owner)
    )
    access_reviews.keep(review, [answered], by=owner)
    ticked = {"row": [row.pk for row in (answered, good, beyond)], "note": "On the team"}
    client = sign_in(manager)
    before = snapshot()

    asked = client.post(_url(review, "keep"), ticked)

    content = asked.content.decode()
    assert snapshot() == before
    assert "Nothing has been recorded." in content
    assert "2 of them were refused" in content
    assert "This row no longer needs an answer" in content
    assert "give or change more than you hold yourself" in content
    assert [row.partition(":")[0] for row in asked.context["fine"]] == [str(good.pk)]
    rest = {"row": asked.context["fine"], "note": asked.context["note"]}
    done = client.post(_url(review, "keep"), rest, follow=True)
    assert "Your answer has been recorded. Their access stays as it is." in done.content.decode()
    assert review.rows.get(pk=good.pk).note == "On the team"


def test_keep_says_that_nobody_is_left_who_can_be_kept(sign_in, manager, owner, tree, review):
    row = review.rows.get(user_id=owner.pk)

    asked = sign_in(manager).post(_url(review, "keep"), {"row": [row.pk]})

    assert asked.context["fine"] == []
    assert "Back to the review" in asked.content.decode()


def test_keep_knows_no_rows_of_another_review(sign_in, owner, tree, viewer, review):
    MembershipFactory(node=tree.press)
    foreign = _start(tree.press, owner).rows.get()
    own = review.rows.get(user_id=viewer.pk)
    client = sign_in(owner)
    before = snapshot()

    response = client.post(_url(review, "keep"), {"row": [own.pk, foreign.pk]})

    assert response.status_code == 404
    assert snapshot() == before


def test_keep_is_offered_to_an_only_owner_for_themselves(sign_in, owner, tree, review):
    Membership.objects.filter(user__email="first@example.com").delete()
    client = sign_in(owner)
    own = review.rows.get(user_id=owner.pk)

    page = _page(client, review)
    client.post(_url(review, "keep"), {"row": [own.pk]})

    line = _lines(page)[owner.email]
    assert (line.may_keep_own, line.may_answer, line.may_remove) == (True, False, False)
    assert "the only owner. Nobody else can answer" in page.content.decode()
    assert review.answered().filter(pk=own.pk).exists()


def test_change_from_the_row(sign_in, owner, tree, viewer, review):
    url = _row_url(review, membership_of(viewer, tree.acme), "change")
    client = sign_in(owner)

    shown = client.get(url, headers={"HX-Request": "true"})
    same = client.post(url, {"role": "viewer"})
    done = client.post(url, {"role": "maintainer", "note": "Helps out"}, follow=True)

    assert "<html" not in shown.content.decode()
    assert "They already have that role" in same.content.decode()
    assert "now has the role Maintainer" in done.content.decode()
    assert review.rows.get(user_id=viewer.pk).note == "Helps out"


def test_remove_from_the_row(sign_in, owner, tree, viewer, review):
    MembershipFactory(node=tree.shop, user=viewer)
    member = membership_of(viewer, tree.acme)
    url = _row_url(review, member, "remove")
    client = sign_in(owner)

    shown = client.get(url).content.decode()
    done = client.post(url, {"note": "Left"}, follow=True).content.decode()

    assert "1 membership below it goes too" in shown
    assert "is no longer a member" in done
    assert not Membership.objects.filter(user=viewer).exists()


@pytest.mark.parametrize("verb", ["change", "remove"])
def test_ask_for_the_password_before_an_owner_goes(sign_in, owner, tree, review, verb):
    first = Membership.objects.get(user__email="first@example.com")
    client = sign_in(owner)
    before = snapshot()

    response = client.post(_row_url(review, first, verb), {"role": "viewer"})

    assert "reauthenticate" in response["Location"]
    assert snapshot() == before


@pytest.mark.parametrize("verb", ["change", "remove"])
def test_find_no_row_whose_membership_has_ended(sign_in, owner, tree, viewer, review, verb):
    url = _row_url(review, membership_of(viewer, tree.acme), verb)
    memberships.leave(membership_of(viewer, tree.acme), by=viewer)

    assert sign_in(owner).get(url).status_code == 404


# --- Ending, and the evidence --------------------------------------------------------------------


def test_finish_shows_the_evidence(sign_in, owner, tree, review):
    client = sign_in(owner)

    asked = client.get(_url(review, "finish")).content.decode()
    done = client.post(_url(review, "finish"), follow=True).content.decode()

    review.refresh_from_db()
    assert "5 rows have no answer" in asked
    assert review.csv_sha256 in done
    assert review.jsonl_sha256 in done
    assert "Unanswered" in done


def test_cancel(sign_in, owner, tree, review):
    client = sign_in(owner)

    asked = client.get(_url(review, "cancel"))
    done = client.post(_url(review, "cancel"), follow=True).content.decode()

    assert asked.status_code == 200
    assert "The review has been cancelled." in done
    assert client.get(_url(review, "evidence", form="csv")).status_code == 404


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_evidence_has_the_checksum_that_is_shown(sign_in, owner, tree, review, form):
    access_reviews.finish(review, by=owner)
    client = sign_in(owner)

    response = client.get(_url(review, "evidence", form=form))
    body = b"".join(response.streaming_content)
    noted = client.get(_url(review, "checksum", form=form)).content.decode()

    digest = hashlib.sha256(body)
    name = f"access-review-acme-{review.pk}.{form}"
    assert noted == f"{digest.hexdigest()}  {name}\n"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    sent = response["Repr-Digest"].removeprefix("sha-256=:").removesuffix(":")
    assert b64decode(sent) == digest.digest()
    assert digest.hexdigest() in _page(client, review).content.decode()


def test_evidence_in_both_forms_says_the_same(sign_in, owner, tree, viewer):
    formula = UserFactory(first_name='=HYPERLINK("x")', email="formula@example.com")
    MembershipFactory(node=tree.acme, user=formula)
    review = _start(tree.acme, owner)
    access_reviews.keep(review, [review.rows.get(user_id=viewer.pk)], by=owner, note="a,\n=b")
    access_reviews.finish(review, by=owner)
    client = sign_in(owner)

    def text(form):
        response = client.get(_url(review, "evidence", form=form))
        return b"".join(response.streaming_content).decode()

    written = io.StringIO(text("csv").removeprefix(BYTE_ORDER_MARK), newline="")
    table = {row["person_id"]: row for row in csv.DictReader(written)}
    lines = {str(row["person_id"]): row for row in map(json.loads, text("jsonl").splitlines())}
    assert table.keys() == lines.keys()
    row = table[str(viewer.pk)]
    assert (row["answer"], row["role"], row["note"]) == ("keep", "viewer", "a, =b")
    assert table[str(formula.pk)]["person"].startswith("'=HYPERLINK")
    assert lines[str(formula.pk)]["person"].startswith("=HYPERLINK")


@pytest.mark.parametrize("name", ["evidence", "checksum"])
def test_evidence_only_once_it_is_finished_and_in_forms_there_are(
    sign_in, owner, tree, review, name
):
    client = sign_in(owner)

    assert client.get(_url(review, name, form="csv")).status_code == 404
    access_reviews.finish(review, by=owner)
    assert client.get(_url(review, name, form="csv")).status_code == 200
    assert client.get(_url(review, name, form="xlsx")).status_code == 404
