"""The staff's pages: the admin modules of every room, which register what they hold."""

from hierarchy.rooms import import_from_each

import_from_each("admin")
