"""Templates of Unfold without their indentation: up to a fifth of its pages are spaces."""

from __future__ import annotations

import re
from pathlib import Path

import unfold
from django.template.base import Origin, Template, TextNode
from django.template.loaders.cached import Loader as CachedLoader

_UNFOLD = str(Path(unfold.__file__).parent)
# A line break stays, since words may be parted by nothing else.
_INDENTATION = re.compile(r"\s*\n\s*")


class Loader(CachedLoader):
    """Reads each template once, as Django's does, and takes the indentation out of Unfold's.

    Only what stands between the tags changes: not the words that are translated, nor any value.
    """

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        is_new = self.cache_key(template_name, skip) not in self.get_template_cache
        template = super().get_template(template_name, skip)
        if is_new and str(template.origin.name).startswith(_UNFOLD):
            _unindent(template)
        return template


def _unindent(template: Template) -> None:
    for node in template.nodelist.get_nodes_by_type(TextNode):
        if isinstance(node, TextNode):
            node.s = _INDENTATION.sub("\n", node.s)
