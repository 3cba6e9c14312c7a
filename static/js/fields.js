// What fields do while one types. Without this, the server says the same after sending.
(() => {
  // data-slug-source="<id of the name>": proposes a slug until somebody writes their own.
  const combining = /[\u0300-\u036f]/g;
  const propose = (name) => name.normalize("NFKD").replace(combining, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 63).replace(/-$/, "");

  function proposeFrom(name) {
    for (const slug of document.querySelectorAll(`[data-slug-source="${name.id}"]`)) {
      if (slug.dataset.own || (slug.defaultValue && slug.defaultValue === slug.value)) continue;
      slug.value = propose(name.value);
      slug.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.dataset.slugSource && event.isTrusted) field.dataset.own = field.value ? "yes" : "";
    if (field.id) proposeFrom(field);
  });

  // A name may have been typed before this script was there.
  for (const slug of document.querySelectorAll("[data-slug-source]")) {
    const name = document.getElementById(slug.dataset.slugSource);
    if (name?.value && !slug.value) proposeFrom(name);
  }

  // data-chooses="<id of a radio button>": whoever changes the value means that choice.
  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-chooses]");
    if (field) document.getElementById(field.dataset.chooses).checked = true;
  });

  // data-must-equal="<name>": the button of the form waits until the name is typed.
  function guard(field) {
    const button = field.form.querySelector('[type="submit"]');
    button.disabled = field.value.trim() !== field.dataset.mustEqual;
  }

  const guardAll = (root) => root.querySelectorAll("[data-must-equal]").forEach(guard);
  document.addEventListener("input", (event) => {
    if (event.target.dataset.mustEqual) guard(event.target);
  });
  document.addEventListener("htmx:load", (event) => guardAll(event.target));
  guardAll(document);
})();
