"""Trusted origins, from which browsers can call on behalf of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hierarchy import access, audit
from hierarchy.locking import lock
from hierarchy.models import Application, TrustedOrigin
from hierarchy.models.application import Platform
from hierarchy.models.path import path_of
from hierarchy.origins import OriginRule, is_address, is_loopback, is_within_network, parse_rule
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import Permission
from hierarchy.shared_hosts import domain_of_one_owner, is_among_regions

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
def add_all(
    application: Application, rules: list[OriginRule], *, by: User, confirmed: bool = False
) -> list[TrustedOrigin]:
    """Trust several origins, all of them or none; the refusal names the one that it is about."""
    return [add(application, rule, by=by, confirmed=confirmed) for rule in rules]


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
    if (rule.scheme, rule.host) == (before.scheme, before.host):
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
    if rule.scheme:
        _refuse_shell(application, rule)
        return
    if application.is_production:
        _refuse_in_production(rule)
    site = _site_host(application)
    if site and not confirmed and _domain(rule.host) != _domain(site):
        sentence = _(
            "%(host)s isn't on the same domain as the web site, %(site)s. Confirm it below."
        )
        labels = {"host": rule.host, "site": site}
        raise Refused("needs_confirmation", sentence % labels, field="confirmed")


def _refuse_shell(application: Application, rule: OriginRule) -> None:
    if application.platform not in (Platform.MOBILE, Platform.DESKTOP):
        sentence = _(
            "%(origin)s is what a mobile or desktop application sends, and this application is"
            " for another platform. Add one for that platform, and trust it there."
        )
        raise Refused("wrong_platform", sentence % {"origin": rule}, field="origin")


def _refuse_in_production(rule: OriginRule) -> None:
    if rule.allow_insecure and not is_loopback(rule.host):
        sentence = _("In production, only https is trusted, except on the local machine.")
        raise Refused("insecure", sentence, field="allow_insecure")
    if is_within_network(rule.host):
        sentence = _(
            "%(host)s has no dot, so it's another machine in each network. In production, enter"
            " the full domain."
        )
        raise Refused("within_network", sentence % {"host": rule.host}, field="origin")


def _site_host(application: Application) -> str:
    try:
        return parse_rule(application.website).host
    except ValidationError:
        return ""


def _domain(host: str) -> str:
    """Return what one owner answers for: the registered domain, or else the host itself."""
    if is_address(host) or is_among_regions(host):
        return host
    return domain_of_one_owner(host) or host


def _refuse_duplicate(
    application: Application, rule: OriginRule, besides: TrustedOrigin | None = None
) -> None:
    same = TrustedOrigin.objects.filter(
        application=application,
        scheme=rule.scheme,
        host=rule.host,
        port=rule.port,
        include_subdomains=rule.include_subdomains,
    )
    if besides is not None:
        same = same.exclude(pk=besides.pk)
    found = same.first()
    if found is not None:
        sentence = _("%(origin)s is already trusted.")
        if rule.allow_insecure and not found.allow_insecure:
            sentence = _("%(origin)s is already trusted over https. Edit that rule to allow http.")
        raise Refused("duplicate", sentence % {"origin": found}, field="origin")


def _spelled_out(rule: OriginRule) -> str:
    return f"{rule} (http allowed)" if rule.allow_insecure else str(rule)


def _record(
    action: str, origin: TrustedOrigin, by: User, changes: dict[str, list[str | None]]
) -> None:
    audit.record(action, by=by, node=origin.application, target=origin, changes=changes)
