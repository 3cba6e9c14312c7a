"""`{% load devices %}`: what a browser is, in few words."""

from __future__ import annotations

from django import template

from accounts.devices import described

register = template.Library()
register.filter("device", described)
