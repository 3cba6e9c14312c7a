// Short confirmations in the corner. A response asks for one with the header
// HX-Trigger: {"toast": "Saved"}; they come on top of an open dialog too.
(() => {
  const STAYS = 6000;

  function show(text) {
    const box = document.getElementById("toasts");
    const toast = document.createElement("div");
    toast.className = "toast";
    const words = document.createElement("span");
    words.textContent = text;
    const dismiss = document.createElement("button");
    dismiss.type = "button";
    dismiss.className = "button button-ghost button-icon button-small";
    dismiss.setAttribute("aria-label", box.dataset.dismissLabel);
    dismiss.textContent = "×";
    dismiss.addEventListener("click", () => remove(toast));
    toast.append(words, dismiss);
    if (box.matches(":popover-open")) box.hidePopover();
    box.showPopover();
    box.append(toast);
    leaveLater(toast);
  }

  function leaveLater(toast) {
    let timer = setTimeout(remove, STAYS, toast);
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("pointerleave", () => { timer = setTimeout(remove, STAYS, toast); });
  }

  function remove(toast) {
    const box = toast.parentElement;
    toast.remove();
    if (box && !box.childElementCount) box.hidePopover();
  }

  document.addEventListener("toast", (event) => show(event.detail.value));
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => show(document.getElementById("toasts").dataset.failed));
  }

  document.addEventListener("click", async (event) => {
    event.target.closest("[data-dismiss]")?.closest(".alert").remove();
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    await navigator.clipboard.writeText(copy.dataset.copy);
    show(document.getElementById("toasts").dataset.copied);
  });
})();
