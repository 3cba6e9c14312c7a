// data-selection on a form: counts the ticked boxes that belong to it, ticks all, and offers what
// can be done to them only once there are some. Without this, every button is there at once.
(() => {
  const boxes = (form) =>
    [...form.elements].filter((field) => field.matches('[type="checkbox"]:not([data-select-all])'));

  function show(form) {
    const all = boxes(form);
    const ticked = all.filter((box) => box.checked).length;
    const count = form.querySelector("[data-selection-count]");
    count.textContent = ticked ? `${count.dataset.some} ${ticked}` : count.dataset.none;
    for (const button of form.querySelectorAll("button")) button.disabled = ticked === 0;
    const every = form.querySelector("[data-select-all]");
    every.checked = ticked > 0 && ticked === all.length;
    every.indeterminate = ticked > 0 && ticked < all.length;
  }

  const showAll = () => document.querySelectorAll("[data-selection]").forEach(show);

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-selection]")) return;
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxes(form)) box.checked = event.target.checked;
    }
    show(form);
  });
  document.addEventListener("htmx:load", showAll);
  window.addEventListener("pageshow", showAll);
  showAll();
})();
