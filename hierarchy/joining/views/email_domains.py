"""The e-mail domains of an organization: adding, proving, and who of their people may come in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hierarchy import access
from hierarchy.console import lookup
from hierarchy.console.limits import limit
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, attempt, press, render
from hierarchy.console.views.sent_once import once
from hierarchy.joining.actions import email_domains
from hierarchy.joining.forms.email_domains import EmailDomainForm, NewEmailDomainForm
from hierarchy.members.actions import owners
from hierarchy.models import AnyRole, EmailDomain, Organization
from hierarchy.roles import Permission, owns

# Each makes us ask a stranger's name servers.
VERIFYING = {"email_domain_verify": "10/m/user,100/d/key"}


@require_http_methods(["GET", "HEAD", "POST"])
@once
def add(request: Request, organization: str) -> HttpResponse:
    """Name a domain; how to prove it comes next."""
    node = _load_organization(request, organization)
    form = NewEmailDomainForm(request.POST or None)
    if form.is_valid():
        domain = form.cleaned_data["domain"]
        row = attempt(form, lambda: email_domains.add(node, domain, by=request.user))
        if row:
            messages.success(
                request, _("%(domain)s has been added. Now verify it.") % {"domain": row}
            )
            return redirect(_url(row))
    return render(
        request, "console/email_domains/add.html", node=node, section="settings", form=form
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int, organization: str) -> HttpResponse:
    """Show how to prove a domain; say whether its people may come in, and as what."""
    domain = _load(request, pk, organization)
    node = domain.organization
    initial = {"mode": domain.mode, "role": domain.given_role, "version": domain.shown_door}
    form = EmailDomainForm(request.POST or None, roles=_roles(request, node), initial=initial)
    if form.is_valid():
        changed = attempt(
            form, lambda: email_domains.edit(domain, by=request.user, **form.cleaned_data)
        )
        if changed:
            messages.success(
                request, _("The changes to %(domain)s have been saved.") % {"domain": domain}
            )
            return redirect(node_url(node, "joining"))
    return render(
        request,
        "console/email_domains/edit.html",
        node=node,
        section="settings",
        domain=domain,
        form=form,
    )


@require_POST
def verify(request: Request, pk: int, organization: str) -> HttpResponse:
    """Look for the record in the DNS."""
    domain = _load(request, pk, organization)
    if limited := limit(request, VERIFYING, key=domain.organization_id):
        return limited
    done = _("%(domain)s has been verified.") % {"domain": domain}
    press(request, email_domains.verify, domain, done)
    return redirect(_url(domain))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int, organization: str) -> HttpResponse:
    """Stop letting people in through the domain."""
    domain = _load(request, pk, organization)
    node = domain.organization
    if request.method == "POST":
        done = _("%(domain)s has been removed.") % {"domain": domain}
        press(request, email_domains.remove, domain, done)
        return redirect(node_url(node, "joining"))
    return render(
        request, "console/email_domains/remove.html", node=node, section="settings", domain=domain
    )


def _load_organization(request: Request, slug: str) -> Organization:
    """Return the organization, for one of its owners."""
    node = lookup.get_organization(request.user, slug, to=Permission.CHANGE_ORGANIZATION)
    owners.require_owner(request.user, node)
    return node


def _load(request: Request, pk: int, slug: str) -> EmailDomain:
    node = _load_organization(request, slug)
    return lookup.load(EmailDomain.objects.all(), pk, at=node)


def _roles(request: Request, node: Organization) -> list[AnyRole]:
    """Return what joining may give: anything but ownership."""
    roles = access.roles_to_give(request.user, node)
    level = node.level
    return [role for role in roles if not owns(role.permissions_on(level), level)]


def _url(domain: EmailDomain) -> str:
    return node_url(domain.organization, "email-domain-edit", pk=domain.pk)
