"""Trusted origins, from which browsers can call on behalf of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hierarchy import access, audit
from hierarchy.locking import lock
from hierarchy.models import Application, TrustedOrigin
from hierarchy.models.path import path_of
from hierarchy.origins import OriginRule, canonical_host, is_loopback, registrable_domain
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import Permission

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version


@transaction.atomic
def add(
    application: Application, rule: OriginRule, *, by: User, confirmed: bool = False
) -> TrustedOrigin:
    """Trust an origin. `confirmed` says that a host of another domain than the site's is meant."""
    application = _lock(application, by)
    _refuse_unsafe(application, rule, confirmed=confirmed)
    _refuse_duplicate(application, rule)
    origin = TrustedOrigin.objects.create(**path_of(application), **vars(rule), created_by=by)
    _record("trusted_origin.add", origin, by, {"origin": [None, _spelled_out(rule)]})
    return origin


@transaction.atomic
def edit(
    origin: TrustedOrigin,
    rule: OriginRule,
    *,
    by: User,
    version: Version,
    confirmed: bool = False,
) -> TrustedOrigin:
    """Put another rule in the place of this one; `version` is that of the origin's `shown`."""
    application = _lock(cast(Application, origin.application), by)
    origin = _fresh(origin)
    refuse_stale(origin.shown, version)
    before = origin.rule
    if rule == before:
        return origin
    if rule.host == before.host:
        confirmed = True  # it was confirmed when it was added
    _refuse_unsafe(application, rule, confirmed=confirmed)
    _refuse_duplicate(application, rule, besides=origin)
    for field, value in vars(rule).items():
        setattr(origin, field, value)
    origin.save(update_fields=list(vars(rule)))
    _record(
        "trusted_origin.edit", origin, by, {"origin": [_spelled_out(before), _spelled_out(rule)]}
    )
    return origin


@transaction.atomic
def remove(origin: TrustedOrigin, *, by: User, version: Version) -> None:
    """Stop trusting an origin; `version` is that of its `shown`."""
    _lock(cast(Application, origin.application), by)
    origin = _fresh(origin)
    refuse_stale(origin.shown, version)
    _record("trusted_origin.remove", origin, by, {"origin": [_spelled_out(origin.rule), None]})
    origin.delete()


def _lock(application: Application, by: User) -> Application:
    application = lock(application)
    access.require_change(by, Permission.MANAGE_TRUSTED_ORIGINS, application)
    return application


def _fresh(origin: TrustedOrigin) -> TrustedOrigin:
    fresh = TrustedOrigin.objects.with_nodes().filter(pk=origin.pk).first()
    if fresh is None:
        raise Refused("gone", _("That origin is no longer trusted."))
    return fresh


def _refuse_unsafe(application: Application, rule: OriginRule, *, confirmed: bool) -> None:
    if rule.allow_insecure and application.is_production and not is_loopback(rule.host):
        sentence = _("In production, only https is trusted, except on the local machine.")
        raise Refused("insecure", sentence, field="allow_insecure")
    site = _site_host(application)
    if site and not confirmed and _domain(rule.host) != _domain(site):
        sentence = _(
            "%(host)s isn't on the same domain as the web site, %(site)s. Confirm it below."
        )
        labels = {"host": rule.host, "site": site}
        raise Refused("needs_confirmation", sentence % labels, field="confirmed")


def _site_host(application: Application) -> str:
    try:
        return canonical_host(urlsplit(application.website).hostname or "")
    except (ValidationError, ValueError):
        return ""


def _domain(host: str) -> str:
    """Return what one owner answers for: the registered domain, or else the host itself."""
    return registrable_domain(host) or host


def _refuse_duplicate(
    application: Application, rule: OriginRule, besides: TrustedOrigin | None = None
) -> None:
    same = TrustedOrigin.objects.filter(
        application=application,
        host=rule.host,
        port=rule.port,
        include_subdomains=rule.include_subdomains,
    )
    if besides is not None:
        same = same.exclude(pk=besides.pk)
    if same.exists():
        sentence = _("%(origin)s is already trusted.") % {"origin": same.get()}
        raise Refused("duplicate", sentence, field="origin")


def _spelled_out(rule: OriginRule) -> str:
    return f"{rule} (http allowed)" if rule.allow_insecure else str(rule)


def _record(
    action: str, origin: TrustedOrigin, by: User, changes: dict[str, list[str | None]]
) -> None:
    audit.record(action, by=by, node=origin.application, target=origin, changes=changes)
