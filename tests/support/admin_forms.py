"""Filling in the admin's forms as a browser would."""

from django.urls import reverse


def url(row, name="change", *more):
    """Return the address of a page of the admin about `row`."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk, *more])


def list_url(model, name="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


def filled(client, address):
    """Return what the form at `address` would send if nobody touched it."""
    context = client.get(address).context
    forms = [context["adminform"].form] if "adminform" in context else [context["form"]]
    for wrapped in context.get("inline_admin_formsets", []):
        forms += [wrapped.formset.management_form, *wrapped.formset.initial_forms]
    data = {}
    for field in (field for form in forms for field in form):
        value = field.value()
        if value is not None and value is not False:
            data[field.html_name] = value
    return data


def send(client, address, **changes):
    """Send the form at `address` with `changes`; None leaves a field out."""
    data = filled(client, address) | changes
    return client.post(address, {name: v for name, v in data.items() if v is not None})


def messages(response):
    """Return what the page that follows tells the person."""
    return [str(message) for message in response.context["messages"]]


def errors(response):
    """Return every sentence that the form shows."""
    form = response.context["adminform"].form
    sentences = [sentence for found in form.errors.values() for sentence in found]
    for formset in response.context["inline_admin_formsets"]:
        for found in formset.formset.errors:
            sentences += [sentence for lines in found.values() for sentence in lines]
    return sentences
