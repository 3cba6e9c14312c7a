"""Hosts whose subdomains belong to many owners, and how far down one owner's names begin.

The Public Suffix List (its private section included) knows most of them; `OTHERS` are those that it
doesn't have: anyone can put a page of their own under such a host.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

OTHERS: Final = frozenset(
    {
        "000webhostapp.com",
        "amazonaws.com",
        "ameblo.jp",
        "app.github.dev",
        "atlassian.net",
        "b-cdn.net",
        "beehiiv.com",
        "bigcartel.com",
        "blogger.com",
        "canva.site",
        "cargo.site",
        "codesandbox.io",
        "core.windows.net",
        "devtunnels.ms",
        "exblog.jp",
        "fandom.com",
        "fc2.com",
        "flywheelsites.com",
        "freshdesk.com",
        "ghost.io",
        "glide.page",
        "glideapp.io",
        "glitch.me",
        "godaddysites.com",
        "googleusercontent.com",
        "gradio.live",
        "hashnode.dev",
        "hubspotpagebuilder.com",
        "idx.dev",
        "infinityfreeapp.com",
        "itch.io",
        "jimdofree.com",
        "jimdosite.com",
        "kinsta.cloud",
        "koyeb.app",
        "lhr.life",
        "livejournal.com",
        "loca.lt",
        "localtunnel.me",
        "medium.com",
        "mozello.com",
        "my.salesforce.com",
        "my.site.com",
        "myftpupload.com",
        "mykajabi.com",
        "myportfolio.com",
        "mystrikingly.com",
        "neocities.org",
        "on.aws",
        "over-blog.com",
        "page.link",
        "pinggy.link",
        "retool.com",
        "serveo.net",
        "sharepoint.com",
        "softr.app",
        "squarespace.com",
        "stackblitz.io",
        "storage.googleapis.com",
        "strikingly.com",
        "substack.com",
        "super.site",
        "teachable.com",
        "thinkific.com",
        "tilda.ws",
        "tistory.com",
        "tumblr.com",
        "typepad.com",
        "v0.app",
        "webcontainer.io",
        "webnode.com",
        "webnode.page",
        "weebly.com",
        "wikidot.com",
        "wordpress.com",
        "wpengine.com",
        "zendesk.com",
    }
)
# Theirs name a region or a machine first, so no label says where one owner's names begin.
WITH_REGIONS: Final = frozenset(
    {"amazonaws.com", "core.windows.net", "devtunnels.ms", "on.aws", "webcontainer.io"}
)


def is_shared(host: str) -> bool:
    """Return whether unrelated people can have names under a canonical host (co.uk, github.io)."""
    return host in OTHERS or _suffixes().publicsuffix(host) == host


def is_among_regions(host: str) -> bool:
    """Return whether the names under `host`, too, may belong to different owners."""
    return any(host.endswith(f".{shared}") for shared in WITH_REGIONS)


def is_above_shared(host: str) -> bool:
    """Return whether names of many owners are somewhere beneath `host`, as under `windows.net`."""
    return any(shared.endswith(f".{host}") for shared in OTHERS)


def domain_of_one_owner(host: str) -> str | None:
    """Return the shortest parent of a canonical host, or itself, that has one owner.

    None for a public suffix, and where it has no dot: a name within a network is nobody's domain.
    """
    labels = host.split(".")
    for start in range(1, len(labels)):
        if ".".join(labels[start:]) in OTHERS:
            return ".".join(labels[start - 1 :])
    suffix = _suffixes().publicsuffix(host)
    if suffix is None:  # an ending that nobody has registered, such as "internal"
        return ".".join(labels[-2:]) if len(labels) > 1 else None
    return _suffixes().privatesuffix(host)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
