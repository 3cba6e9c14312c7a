"""Storeys and rooms of `hierarchy`, in one list, and what the source itself imports."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The storeys of `hierarchy` and its rooms, in their order: a module imports from its own and from
# those above it. In a room the layers have an order, too; what stands beside them comes first.
GROUND = {
    "dates",
    "email_domains",
    "exports",
    "ids",
    "locales",
    "models",
    "names",
    "networks",
    "origins",
    "refusals",
    "roles",
    "setting_definitions",
    "shared_hosts",
}
LAW = {
    "access",
    "asking",
    "audit",
    "backend",
    "effective_settings",
    "explanations",
    "fates",
    "grants",
    "identities",
    "locking",
    "mail_rules",
    "notices",
    "outbox",
    "refused_attempts",
    "review_files",
    "visible",
}
SHELLS = ["console", "staff"]
ROOMS = ["activity", "settings", "members", "reviews", "nodes", "joining", "home"]
FACES = {"admin", "apps", "demo", "management", "rooms", "tasks", "templatetags", "urls"}
STOREYS = [GROUND, LAW, *({shell} for shell in SHELLS), *({room} for room in ROOMS), FACES]
LAYERS = {"actions": 1, "forms": 2, "views": 3, "admin": 3, "urls": 4}


def sources(*folders):
    """Yield the modules in these folders, but for migrations."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def imports(path):
    """Return the dotted names that `path` imports, wherever in the file it does."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def parts(path):
    """Return the names that a module's dotted name is made of."""
    return path.with_suffix("").parts


def storey(name):
    """Return the number of the storey or room that holds `name`, counted from the ground."""
    (number,) = [number for number, names in enumerate(STOREYS) if name in names]
    return number


def place(names):
    """Return what is compared of a dotted name: the storey or room, and in a room the layer."""
    room = names[1]
    layer = names[2] if len(names) > 2 else ""
    return storey(room), LAYERS.get(layer, 0) if room in {*SHELLS, *ROOMS} else 0
