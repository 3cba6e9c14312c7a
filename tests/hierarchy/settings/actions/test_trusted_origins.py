import pytest

from hierarchy.models import AuditEvent, TrustedOrigin
from hierarchy.origins import parse_rule
from hierarchy.refusals import Refused
from hierarchy.roles import Role
from tests.factories import MembershipFactory, TrustedOriginFactory
from tests.support.acting import trusted_origins
from tests.support.refusals import refused

RULE = parse_rule("app.example.com")


def test_add_trusts_the_canonical_origin(tree, manager):
    origin = trusted_origins.add(
        tree.production, parse_rule("https://APP.Example.com."), by=manager
    )

    assert (origin.rule, origin.created_by, origin.node) == (RULE, manager, tree.production)
    event = AuditEvent.objects.get()
    assert (event.action, event.changes) == (
        "trusted_origin.add",
        {"origin": [None, "app.example.com"]},
    )
    assert event.node_label == "Acme / Shop / Web (production)"


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_add_is_not_allowed_without_the_permission(tree, actor, request):
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        trusted_origins.add(tree.development, RULE, by=by)


def test_add_refuses_a_duplicate(tree, owner):
    trusted_origins.add(tree.production, RULE, by=owner)

    with refused("duplicate", "origin"):
        trusted_origins.add(tree.production, parse_rule("APP.example.com:443"), by=owner)
    assert trusted_origins.add(tree.development, RULE, by=owner).rule == RULE


def test_trust_the_port_that_was_written(tree, owner):
    odd = trusted_origins.add(tree.production, parse_rule("https://example.com:80"), by=owner).rule

    assert odd.matches("https://example.com:80")
    assert not odd.matches("https://example.com")


def test_add_trusts_a_host_beside_its_subdomains(tree, owner):
    """Subdomains don't include the host itself, so both can be listed."""
    trusted_origins.add(tree.production, parse_rule("*.example.com"), by=owner)

    trusted_origins.add(tree.production, parse_rule("example.com"), by=owner)

    rules = [origin.rule for origin in TrustedOrigin.objects.all()]
    for origin in ("https://example.com", "https://www.example.com"):
        assert any(rule.matches(origin) for rule in rules)


@pytest.mark.parametrize(
    ("environment", "host", "is_safe"),
    [
        ("development", "app.example.com", True),
        ("production", "app.example.com", False),
        ("production", "localhost", True),
        ("production", "127.0.0.1", True),
        ("production", "[::1]", True),
        ("production", "localhost.example.com", False),
    ],
)
def test_add_allows_http_in_production_only_here(tree, owner, environment, host, is_safe):
    application = getattr(tree, environment)
    rule = parse_rule(host, allow_insecure=True)

    if is_safe:
        assert trusted_origins.add(application, rule, by=owner, confirmed=True).allow_insecure
    else:
        with refused("insecure", "allow_insecure"):
            trusted_origins.add(application, rule, by=owner, confirmed=True)


@pytest.mark.parametrize(
    ("platform", "may"), [("mobile", True), ("desktop", True), ("web", False), ("server", False)]
)
def test_add_trusts_a_shell_where_applications_have_one(tree, owner, platform, may):
    tree.production.platform = platform
    tree.production.save()
    rule = parse_rule("capacitor://localhost")

    if may:
        assert trusted_origins.add(tree.production, rule, by=owner).rule == rule
        with refused("duplicate", "origin"):
            trusted_origins.add(tree.production, rule, by=owner)
    else:
        with refused("wrong_platform", "origin"):
            trusted_origins.add(tree.production, rule, by=owner)


def test_add_trusts_a_name_within_a_network_outside_production(tree, owner):
    rule = parse_rule("https://intranet")

    assert trusted_origins.add(tree.development, rule, by=owner).rule == rule
    with refused("within_network", "origin"):
        trusted_origins.add(tree.production, rule, by=owner)


def test_add_says_how_to_allow_http_for_what_is_trusted_over_https(tree, owner):
    trusted_origins.add(tree.development, parse_rule("https://localhost"), by=owner)

    with pytest.raises(Refused, match="Edit that rule to allow http"):
        trusted_origins.add(tree.development, parse_rule("http://localhost"), by=owner)


def test_add_all_trusts_every_origin_of_a_list_or_none(tree, owner):
    rules = [parse_rule("a.example.com"), parse_rule("b.example.com")]

    added = trusted_origins.add_all(tree.development, rules, by=owner)

    assert [origin.rule for origin in added] == rules
    with refused("duplicate", "origin"):
        trusted_origins.add_all(tree.development, [parse_rule("c.example.com"), *rules], by=owner)
    assert TrustedOrigin.objects.count() == 2


@pytest.mark.parametrize(
    ("site", "host", "is_same"),
    [
        ("https://www.example.com/shop", "app.example.com", True),
        ("https://www.example.com", "example.org", False),
        ("https://one.github.io", "two.github.io", False),
        ("https://www.example.co.uk", "example.co.uk", True),
        ("https://10.0.0.1", "10.0.0.1", True),
        ("https://10.0.0.1", "10.0.0.2", False),
        ("https://203.0.113.5", "198.51.113.5", False),
        ("https://one.s3.amazonaws.com", "two.s3.amazonaws.com", False),
        ("http://localhost:3000", "10.0.0.2", False),
        ("", "example.org", True),
    ],
)
def test_add_of_another_domain_than_the_site_is_confirmed(tree, owner, site, host, is_same):
    tree.production.website = site
    tree.production.save()
    rule = parse_rule(host)

    if not is_same:
        with refused("needs_confirmation", "confirmed"):
            trusted_origins.add(tree.production, rule, by=owner)
    assert trusted_origins.add(tree.production, rule, by=owner, confirmed=not is_same).rule == rule


def test_edit_puts_another_rule_in_its_place(tree, owner):
    origin = TrustedOriginFactory(node=tree.production, host="app.example.com")

    edited = trusted_origins.edit(origin, parse_rule("*.example.com:8443"), by=owner)

    assert str(edited.rule) == "*.example.com:8443"
    event = AuditEvent.objects.get()
    assert (event.action, event.changes) == (
        "trusted_origin.edit",
        {"origin": ["app.example.com", "*.example.com:8443"]},
    )


def test_edit_of_a_shell_into_a_page_of_its_host_is_confirmed(tree, owner):
    tree.production.platform = "mobile"
    tree.production.website = "https://www.example.com"
    tree.production.save()
    origin = trusted_origins.add(
        tree.production, parse_rule("capacitor://other.example.org"), by=owner
    )

    with refused("needs_confirmation", "confirmed"):
        trusted_origins.edit(origin, parse_rule("other.example.org"), by=owner)


def test_edit_without_a_difference_is_no_event(tree, owner, recorded):
    origin = TrustedOriginFactory(node=tree.production, host="app.example.com")

    trusted_origins.edit(origin, RULE, by=owner)

    assert recorded() == []


def test_edit_refuses_what_add_refuses(tree, owner, guest):
    origin = TrustedOriginFactory(node=tree.production, host="one.example.com")
    TrustedOriginFactory(node=tree.production, host="app.example.com")

    with refused("duplicate", "origin"):
        trusted_origins.edit(origin, RULE, by=owner)
    with refused("insecure", "allow_insecure"):
        insecure = parse_rule("one.example.com", allow_insecure=True)
        trusted_origins.edit(origin, insecure, by=owner)
    with refused("not_allowed"):
        trusted_origins.edit(origin, parse_rule("two.example.com"), by=guest)


def test_remove_stops_trusting(tree, recorded):
    manager = MembershipFactory(node=tree.shop, role=Role.MANAGER).user
    origin = TrustedOriginFactory(node=tree.production)

    trusted_origins.remove(origin, by=manager)

    assert not TrustedOrigin.objects.exists()
    assert recorded() == ["trusted_origin.remove"]
    with refused("gone"):
        trusted_origins.remove(origin, by=manager)
    with refused("gone"):
        trusted_origins.edit(origin, RULE, by=manager)


def test_remove_is_not_allowed_without_the_permission(tree, guest):
    origin = TrustedOriginFactory(node=tree.production)

    with refused("not_allowed"):
        trusted_origins.remove(origin, by=guest)
