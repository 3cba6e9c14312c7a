"""Pages that explain why a person can or can't do something on a node, and who can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from hierarchy import access, explanations, visible
from hierarchy.console import lookup, paging
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, render
from hierarchy.home import view_as
from hierarchy.home.forms.access import AccessForm
from hierarchy.members.views.member_rows import member_rows
from hierarchy.models import AnyRole, Membership, Status
from hierarchy.roles import BUILT_IN, INVITE_MEMBER, VIEW, VIEW_MEMBER, Level, Permission

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class Holders:
    """Those whose role on `node` itself grants the permission; `url` only for who may open it."""

    node: AnyNode
    url: str
    page: paging.Page[Membership]
    rows_id: str


@dataclass(frozen=True)
class Reason:
    """A membership of the person on the path, whether it grants the permission, and why not.

    `change_url` leads to another role, only for who may give it.
    """

    membership: Membership
    grants: bool
    why_not: str
    url: str
    change_url: str


@dataclass(frozen=True)
class Why:
    """Everything that can be said about a person, a permission and a node."""

    explanation: explanations.Explanation
    reasons: list[Reason]
    roles: list[AnyRole]
    guards: list[explanations.Explanation]

    @property
    def is_allowed(self) -> bool:
        """True if they can do it here, with everything else that it takes."""
        return all(each.is_allowed for each in [self.explanation, *self.guards])


@require_safe
def index(request: Request, **path: str) -> HttpResponse:
    """Answer what is asked; without a question, explain what can be."""
    node = lookup.get_node(request.user, path, to=VIEW_MEMBER)
    form = AccessForm(request.GET or None, level=node.level)
    answer: dict[str, Any] = {}
    if form.is_valid():
        permission = form.cleaned_data["permission"]
        email = form.cleaned_data["person"]
        if email:
            answer = _about_person(request.user, node, email, permission)
        elif permission:
            holders = [_holders(request, permission, part, node) for part in reversed(node.path)]
            answer = {"holders": holders, "guards": _guards(permission, node)}
        answer["permission"] = permission
    return render(
        request,
        "console/access/index.html",
        node=node,
        section="access",
        form=form,
        roles=view_as.offered(request.user, node),
        may_see_reviews=node.level is not Level.APPLICATION,
        **answer,
    )


# --- Who may -------------------------------------------------------------------------------------


def _holders(request: Request, permission: Permission, part: AnyNode, node: AnyNode) -> Holders:
    rows = explanations.able(permission, part, node).select_related("user")
    page = paging.page(request, rows, by=paging.NEWEST, parameter=f"after_{part.level}")
    return Holders(part, _members_url(request.user, part), page, f"{part.level}-holders")


def _guards(permission: Permission, node: AnyNode) -> list[Permission]:
    return sorted(access.needed(permission, node) - {permission})


# --- Why -----------------------------------------------------------------------------------------


def _about_person(
    viewer: User, node: AnyNode, email: str, permission: Permission | None
) -> dict[str, Any]:
    """Explain one permission, or say all that the person may do.

    Nothing is told of a person without a membership that `viewer` could see in a list, not even
    whether there is such an account.
    """
    known = Q(pk__in=_visible_beneath(viewer, node).values("user"))
    for above in node.path[:-1]:
        known |= Q(pk__in=_visible_above(viewer, above, node).values("user"))
    user = User.objects.filter(known, email=email).first()
    if user is None:
        return {"unknown": email, "invite_url": _invite_url(viewer, node, email)}
    if permission is None:
        return {"person": user, "everything": _everything(user, node)}
    is_member = Membership.objects.at(node).filter(user=user).exists()
    return {
        "person": user,
        "why": _why(viewer, user, permission, node),
        "invite_url": "" if is_member else _invite_url(viewer, node, email),
    }


def _visible_beneath(viewer: User, node: AnyNode) -> QuerySet[Membership]:
    """Return the memberships on `node`, and on those beneath it whose members `viewer` sees."""
    seen = visible.paths_for(viewer, VIEW_MEMBER)
    return Membership.objects.within(node).filter(seen)


def _visible_above(viewer: User, above: AnyNode, node: AnyNode) -> QuerySet[Membership]:
    """Return the memberships on `above` that `viewer` sees there, or as inherited on `node`."""
    if VIEW_MEMBER[above.level] in access.held(viewer, above):
        return Membership.objects.at(above)
    return explanations.granting([VIEW[node.level]], above)


def _everything(user: User, node: AnyNode) -> list[explanations.Explanation]:
    """Return what they may do on the node, together with all that it takes besides there."""
    about = [permission for permission in Permission if node.level.reaches(permission.level)]
    asked = {permission: explanations.explain(user, permission, node) for permission in about}
    return [
        explanation
        for permission, explanation in asked.items()
        if all(asked[each].is_allowed for each in access.needed(permission, node))
    ]


def _why(viewer: User, user: User, permission: Permission, node: AnyNode) -> Why:
    explanation = explanations.explain(user, permission, node)
    on_path = {m.node: m for m in Membership.objects.on_path(node).filter(user=user).with_nodes()}
    for membership in on_path.values():
        membership.user = user
    suspended = [part for part in node.path if part in on_path and not on_path[part].is_active]
    reasons = [
        Reason(
            on_path[part],
            grants=part in explanation.sources,
            why_not=_reason_not_granting(on_path[part], permission, suspended),
            url=_members_url(viewer, part, q=user.email),
            change_url=_change_url(viewer, part, on_path[part]),
        )
        for part in node.path
        if part in on_path
    ]
    needed = access.needed(permission, node)
    roles: list[AnyRole] = [*BUILT_IN, *access.custom_roles_for(node)]
    return Why(
        explanation,
        reasons,
        [role for role in roles if needed <= role.permissions_on(node.level)],
        [explanations.explain(user, guard, node) for guard in _guards(permission, node)],
    )


def _reason_not_granting(
    membership: Membership, permission: Permission, suspended: list[AnyNode]
) -> str:
    """Return why the membership doesn't grant the permission; "" when it does."""
    if not membership.user.is_active:
        return _("The account isn't active.")
    if membership.status == Status.SUSPENDED:
        return _("The membership is suspended.")
    for above in suspended:
        if above.level.reaches(membership.level):
            sentence = _("The membership above it, on %(node)s, is suspended.")
            return sentence % {"node": above.name}
    if membership.has_ended:
        return _("The membership has ended.")
    if not membership.has_begun:
        return _("The membership hasn't started yet.")
    if permission not in membership.permissions:
        return _("The role doesn't include this permission.")
    return ""


def _members_url(viewer: User, part: AnyNode, **query: str) -> str:
    """Return where the membership on `part` can be changed, for a viewer who may open that."""
    if VIEW_MEMBER[part.level] not in access.held(viewer, part):
        return ""
    url = node_url(part, "membership-index")
    return f"{url}?{urlencode(query, safe='@')}" if query else url


def _change_url(viewer: User, part: AnyNode, membership: Membership) -> str:
    """Return where `viewer` can give the member another role; "" if they may not."""
    (row,) = member_rows(viewer, part, [membership])
    url = node_url(part, "membership-change-role", pk=membership.pk)
    return url if row.may_change_role else ""


def _invite_url(viewer: User, node: AnyNode, email: str) -> str:
    """Return where `viewer` can invite that address to the node; "" if they may not."""
    if node.suspended_by or INVITE_MEMBER[node.level] not in access.held(viewer, node):
        return ""
    return f"{node_url(node, 'invitation-send')}?email={quote(email, safe='@')}"
