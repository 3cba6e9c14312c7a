// Menus are <details data-menu>: they open without this. Here they close: by Esc (the focus goes
// back to the button), by a click or the focus going elsewhere.
(() => {
  const opened = () => document.querySelectorAll("details[data-menu][open]");

  function closeOutside(target) {
    for (const menu of opened()) if (!menu.contains(target)) menu.open = false;
  }

  document.addEventListener("click", (event) => closeOutside(event.target));
  document.addEventListener("focusin", (event) => closeOutside(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest("details[data-menu][open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });

  function step(menu, by) {
    const items = [...menu.querySelectorAll("summary ~ * :is(a, button, input)")];
    const next = items.indexOf(document.activeElement) + by;
    items[Math.max(0, Math.min(next, items.length - 1))]?.focus();
  }
})();
