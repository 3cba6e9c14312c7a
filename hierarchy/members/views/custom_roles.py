"""Roles of the organization's own: composing them, who has them, changing and deleting them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.versions import sent
from hierarchy import access
from hierarchy.console import lookup, paging
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, ask_password_for_ownership, attempt, render
from hierarchy.console.views.sent_once import once
from hierarchy.members.actions import custom_roles
from hierarchy.members.forms.custom_roles import (
    CustomRoleForm,
    EditCustomRoleForm,
    ReplacementForm,
    initial_of,
)
from hierarchy.members.views import role_holders
from hierarchy.models import CustomRole, EmailDomain, Invitation, Membership, State
from hierarchy.roles import BUILT_IN, VIEW_MEMBER, Level, Permission

if TYPE_CHECKING:
    from hierarchy.models import AnyRole, Organization

MANAGE = Permission.MANAGE_CUSTOM_ROLES


@require_http_methods(["GET", "HEAD", "POST"])
@once
def create(request: Request, organization: str) -> HttpResponse:
    """Compose a role."""
    node = lookup.get_organization(request.user, organization, to=MANAGE)
    form = CustomRoleForm(request.POST or None, offered=access.held(request.user, node))
    if form.is_valid():
        role = attempt(
            form,
            lambda: custom_roles.create(
                node,
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
                permissions=form.permissions,
                by=request.user,
            ),
        )
        if role is not None:
            done = _("The role %(role)s can now be given on %(places)s.")
            messages.success(request, done % {"role": role, "places": _places(role)})
            return redirect(_url(node, role))
    return render(
        request, "console/custom_roles/create.html", node=node, section="roles", form=form
    )


@require_safe
def detail(request: Request, organization: str, pk: int) -> HttpResponse:
    """Say what a role grants, and who has it."""
    node = lookup.get_organization(request.user, organization, to=VIEW_MEMBER[Level.ORGANIZATION])
    role = _load(node, pk)
    holders = Membership.objects.filter(custom_role=role).with_nodes().select_related("user")
    seen, hidden = role_holders.by_sight(holders, request.user)
    page = paging.page(request, seen, by=paging.NEWEST)
    return render(
        request,
        "console/custom_roles/detail.html",
        node=node,
        section="roles",
        role=role,
        places=_places(role),
        groups=[(level, _labels(role, level)) for level in Level],
        holders=page,
        hidden=hidden.number_of_people(),
        holds_it=Membership.objects.filter(custom_role=role, user=request.user).exists(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, organization: str, pk: int) -> HttpResponse:
    """Change a role; if people have it, only after showing what that does to them."""
    node = lookup.get_organization(request.user, organization, to=MANAGE)
    role = _load(node, pk)
    facts = {"name": role.name, "description": role.description, "version": role.shown}
    form = EditCustomRoleForm(
        request.POST or None,
        offered=access.held(request.user, node),
        initial=facts | initial_of(role.permissions),
    )
    if form.is_valid() and "again" not in request.POST:
        after = CustomRole(permissions=custom_roles.composed_names(form.permissions))
        coming = role_holders.effects(role, after, request.user)
        # Not only those who are shown may feel it.
        is_felt = coming.number and set(after.permissions) != set(role.permissions)
        if is_felt and "confirmed" not in request.POST:
            preview = custom_roles.shown_to_change(role, after.permissions)
            words = {"effects": coming, "preview": preview}
            return _page(request, "preview", node, role, form=form, **words)
        if is_felt:
            _ask_password(request, role, after)
        edited = attempt(form, lambda: _save(request, role, form))
        if edited is not None:
            messages.success(request, _("The role %(role)s has been changed.") % {"role": edited})
            return redirect(_url(node, edited))
    return _page(request, "edit", node, role, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, organization: str, pk: int) -> HttpResponse:
    """Do away with a role, after choosing what its holders become and seeing what that does."""
    node = lookup.get_organization(request.user, organization, to=MANAGE)
    role = _load(node, pk)
    holders = list(Membership.objects.filter(custom_role=role))
    offers = list(Invitation.objects.filter(custom_role=role, state=State.PENDING))
    levels = {row.level for row in holders} | {row.level for row in offers}
    others = CustomRole.objects.in_use().filter(organization=node).exclude(pk=role.pk)
    suited = [other for other in others if all(other.suits(level) for level in levels)]
    data = request.POST if request.method == "POST" else None
    initial = {"version": role.shown}
    form = ReplacementForm(data, roles=[*reversed(BUILT_IN), *suited], initial=initial)
    if not holders and not offers:
        del form.fields["replacement"]
    if form.is_valid() and "again" not in request.POST:
        replacement = form.cleaned_data.get("replacement")
        if holders and replacement is not None and "confirmed" not in request.POST:
            coming = role_holders.effects(role, replacement, request.user)
            become = custom_roles.names_of(replacement)
            preview = custom_roles.shown_to_change(role, become)
            words = {"replacement": replacement, "offers": len(offers), "preview": preview}
            return _page(request, "replace", node, role, form=form, effects=coming, **words)
        if replacement is not None:
            _ask_password(request, role, replacement)
        versions = _versions(request, form)
        attempt(
            form,
            lambda: custom_roles.delete(role, by=request.user, replacement=replacement, **versions),
        )
        if form.is_valid() and not form.stale:
            messages.success(request, _("The role %(role)s has been deleted.") % {"role": role})
            return redirect(node_url(node, "role-index"))
    numbers = {"holders": len({holder.user_id for holder in holders}), "offers": len(offers)}
    domains = EmailDomain.objects.filter(custom_role=role).order_by("domain")
    listed = get_text_list([domain.domain for domain in domains], _("and"))
    return _page(request, "delete", node, role, form=form, domains=listed, **numbers)


def _load(node: Organization, pk: int) -> CustomRole:
    role = get_object_or_404(CustomRole.objects.in_use(), organization=node, pk=pk)
    role.organization = node
    return role


def _ask_password(request: Request, *roles: AnyRole) -> None:
    """Interrupt for the password where what holders are, or become, is an owner's on any level."""
    for level in Level:
        ask_password_for_ownership(request, level, *roles)


def _save(request: Request, role: CustomRole, form: EditCustomRoleForm) -> CustomRole:
    return custom_roles.edit(
        role,
        name=form.cleaned_data["name"],
        description=form.cleaned_data["description"],
        permissions=form.permissions,
        by=request.user,
        **_versions(request, form),
    )


def _versions(request: Request, form: VersionedForm) -> dict[str, str]:
    """Return that of the role, and that of what its holders were shown to become."""
    return {
        "version": form.cleaned_data["version"],
        "preview": sent(request.POST, "confirmed"),
    }


def _places(role: CustomRole) -> str:
    """Return on what the role can be given, in words."""
    names = {
        Level.ORGANIZATION: _("the organization"),
        Level.WORKSPACE: _("workspaces"),
        Level.APPLICATION: _("applications"),
    }
    return get_text_list([name for level, name in names.items() if role.suits(level)], _("and"))


def _labels(role: CustomRole, level: Level) -> list[str]:
    held = role.permissions_on(Level.ORGANIZATION)
    return [p.label for p in Permission if p in held and p.level is level]


def _url(node: Organization, role: CustomRole) -> str:
    return node_url(node, "custom-role-detail", pk=role.pk)


def _page(
    request: Request, name: str, node: Organization, role: CustomRole, **context: object
) -> HttpResponse:
    template = f"console/custom_roles/{name}.html"
    return render(request, template, node=node, section="roles", role=role, **context)  # type: ignore[arg-type]
