"""What a browser sends of a form that nobody has touched."""

from html5lib import parse

FIELDS = ("input", "select", "textarea")


def submitted(html: str, *, field: str) -> dict[str, str]:
    """Return the fields of the one form on the page that has a field of that name."""
    forms = [_sent(form) for form in parse(html, namespaceHTMLElements=False).iter("form")]
    (found,) = [sent for sent in forms if field in sent]
    return found


def _sent(form) -> dict[str, str]:
    sent = {}
    for element in form.iter():
        if element.tag not in FIELDS:
            continue
        if element.get("type") in ("checkbox", "radio") and "checked" not in element.attrib:
            continue
        if name := element.get("name"):
            sent[name] = _value(element)
    return sent


def _value(element) -> str:
    if element.tag == "textarea":
        return element.text or ""
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [each for each in options if "selected" in each.attrib] or options[:1]
        return chosen[-1].get("value") if chosen else ""
    return element.get("value", "")
