"""The actions, done by whoever has just read what is stored.

`from tests.support.acting import memberships` is `hierarchy.members.actions.memberships`, but
what asks for a version takes things as they are, unless the test says which version it has.
"""

from functools import cache, partial
from inspect import isfunction, signature

from config.versions import AS_IT_IS
from hierarchy.rooms import import_from_each


class AsTheyAre(dict):
    """The versions of many rows: each is taken as it is."""

    def get(self, key, default=None):
        return AS_IT_IS


UNSAID = {"version": AS_IT_IS, "preview": AS_IT_IS, "versions": AsTheyAre()}


class Acting:
    """A module of actions. To set one of its names is to set it there."""

    __slots__ = ("_module",)

    def __init__(self, module):
        object.__setattr__(self, "_module", module)

    @property
    def __dict__(self):
        return vars(self._module)

    def __getattr__(self, name):
        found = getattr(self._module, name)
        if not isfunction(found):
            return found
        return _acting(found)

    def __setattr__(self, name, value):
        setattr(self._module, name, value)


@cache
def _acting(function):
    needed = signature(function).parameters
    return partial(function, **{name: UNSAID[name] for name in UNSAID if name in needed})


@cache
def _modules():
    return {module.__name__.rpartition(".")[2]: module for module in import_from_each("actions")}


def __getattr__(name):
    if name not in _modules():
        raise AttributeError(name)
    return Acting(_modules()[name])
