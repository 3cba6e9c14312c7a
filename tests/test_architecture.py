"""The shape that docs/decisions/rooms.md promises, read from the source itself."""

import ast
import re
from inspect import isfunction

import pytest
from django.urls import URLResolver, get_resolver

from hierarchy.roles import AT_ANY_LEVEL, Permission
from tests.lab import picture
from tests.support.storeys import LAYERS, ROOT, STOREYS, imports, parts, place, sources

ONLY_GUARDIAN_DOORS = {"hierarchy/backend.py", "hierarchy/models/grant.py"}
PAGE = re.compile(r"\bdocs/[\w/-]+\.md\b")
FORBIDDEN_NAMES = {"utils", "helpers", "mixins", "services", "constants"}
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete",
}  # fmt: skip


def _of_layers(*layers):
    """Return the modules of these layers, of whatever room."""
    return [path for path in sources("hierarchy") if set(parts(path)[2:3]) & set(layers)]


def _templates():
    return sorted((ROOT / "templates").rglob("*.html"))


def test_give_every_module_a_place():
    modules = {parts(path)[1] for path in sources("hierarchy")} - {"__init__"}

    assert modules == set.union(*STOREYS)


def test_keep_what_acts_or_answers_in_a_layer():
    layers = {parts(path)[2] for path in sources("hierarchy") if len(parts(path)) == 4}

    assert layers | {"urls"} == {*LAYERS, "commands"}


def test_import_only_from_rooms_and_layers_before():
    modules = [path for path in sources("hierarchy") if path.stem != "__init__"]

    assert [
        (str(path), name)
        for path in modules
        for name in imports(path)
        if name.startswith("hierarchy.") and place(name.split(".")) > place(parts(path))
    ] == []


def test_show_the_rooms_as_they_are():
    """`make picture` draws them again."""
    assert picture.FILE.read_text() == picture.drawn(picture.real_imports())


def test_show_an_import_against_the_order():
    drawn = picture.drawn(picture.real_imports() | {("members", "home")})

    assert "against the order: members imports home" not in picture.FILE.read_text()
    assert "against the order: members imports home" in drawn
    assert 'class="import wrong"' in drawn


def test_keep_guardian_behind_its_doors():
    users = {
        path.as_posix()
        for path in sources("accounts", "config", "hierarchy")
        if any(name.split(".")[0] == "guardian" for name in imports(path))
    }

    assert users == ONLY_GUARDIAN_DOORS


def test_keep_accounts_free_of_the_hierarchy():
    for path in sources("accounts"):
        assert not any(name.startswith("hierarchy") for name in imports(path)), path


def test_keep_actions_out_of_forms():
    for path in _of_layers("forms"):
        assert not any(".actions." in name for name in imports(path)), path


def test_write_rows_only_in_actions():
    for path in _of_layers("views", "forms", "admin"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                writes = node.func.attr in WRITES and ".objects" in ast.unparse(node.func.value)
                assert not writes, f"{path}:{node.lineno}"


def test_take_nothing_as_it_is_that_came_with_a_form():
    """Whoever acts by a form decides about what it has shown: decisions/versions-of-forms.md."""
    for path in [*sources("accounts"), *_of_layers("views", "forms", "admin")]:
        assert "AS_IT_IS" not in (ROOT / path).read_text(), path


def test_declare_the_verbs_of_every_view():
    for view in _views(get_resolver()):
        is_ours = view.__module__.startswith("accounts.") or ".views." in view.__module__
        if is_ours and not view.__module__.startswith("allauth."):
            decorators = _decorators(view.__module__, view.__name__)
            assert any(name.startswith("require_") for name in decorators), view


def _views(resolver):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern)
        elif isfunction(pattern.callback) and not hasattr(pattern.callback, "view_class"):
            yield pattern.callback


def _decorators(module, name):
    path = ROOT / (module.replace(".", "/") + ".py")
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return [ast.unparse(decorator) for decorator in node.decorator_list]
    return []


def _saves_a_line(node):
    """Return whether a statement assigns things at once that could as well follow each other."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
        return False
    target = node.targets[0]
    if not isinstance(target, ast.Tuple) or len(target.elts) != len(node.value.elts):
        return False
    assigned = set()
    for name, value in zip(target.elts, node.value.elts, strict=True):
        if assigned & {ast.unparse(part) for part in ast.walk(value)}:
            return False  # they change places
        assigned.add(ast.unparse(name))
    return True


def test_assign_one_thing_in_a_line():
    assert [
        (str(path), node.lineno)
        for path in sources("accounts", "config", "hierarchy")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if _saves_a_line(node)
    ] == []


@pytest.mark.parametrize("folder", ["accounts", "config", "hierarchy", "tests"])
def test_name_modules_for_what_they_are(folder):
    assert {path.stem for path in sources(folder)} & FORBIDDEN_NAMES == set()


def test_ask_only_for_abilities_that_exist():
    asked = {
        name
        for path in _templates()
        for tag in re.findall(r"{[{%].*?[}%]}", path.read_text(), flags=re.DOTALL)
        for name in re.findall(r"\bcan\.(\w+)", tag)
    }

    assert asked - {permission.value for permission in Permission} - set(AT_ANY_LEVEL) == set()


INLINE = {
    "a script": r"<script(?![^>]*(\bsrc=|application/json))",
    "a style": r"<style|\sstyle\s*=",
    "an event handler": r"\son[a-z]+\s*=|hx-on",
    "a script in an attribute": r"javascript:|[\"']js:",
}


@pytest.mark.parametrize("pattern", INLINE.values(), ids=INLINE.keys())
def test_write_nothing_inline(pattern):
    """E-mails are excepted: their readers know no style sheets, and run no scripts."""
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in _templates()
        if "emails" not in path.parts
        and re.search(pattern, re.sub(r"{[%#].*?[%#]}", "", path.read_text(), flags=re.DOTALL))
    ]

    assert guilty == []


def test_lead_to_no_page_that_is_not_there():
    code = [ROOT / path for path in sources("accounts", "config", "hierarchy")]
    written = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *code]
    named = {page for path in written for page in PAGE.findall(path.read_text())}

    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []
