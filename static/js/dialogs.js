// Dialogs on top of the page. `data-open="<id>"` opens the one of that id. What htmx puts into
// #dialog-body is shown in the common dialog, its heading as the title. Without this, both are
// links that lead to a page. The browser gives the focus back to what opened it; an entry of a menu
// can't take it, since that has closed meanwhile: then it goes to the button of the menu.
(() => {
  function show(dialog) {
    for (const open of document.querySelectorAll("dialog[open]")) open.close();
    const menu = document.activeElement?.closest("details[data-menu]");
    const focusMenu = () => menu?.querySelector("summary").focus();
    dialog.addEventListener("close", focusMenu, { once: true });
    dialog.showModal();
    focusFirst(dialog.querySelector(".dialog-body"));
  }

  // Of a group of choices the one that is made, as the Tab key would.
  function focusFirst(body) {
    const first = body?.querySelector("input:not([type=hidden]), select, textarea");
    const chosen = first?.type === "radio" && body.querySelector(`[name="${first.name}"]:checked`);
    (chosen || first)?.focus();
  }

  document.addEventListener("dialog", (event) => show(document.getElementById(event.detail)));

  document.addEventListener("click", (event) => {
    const dialog = document.getElementById(event.target.closest("[data-open]")?.dataset.open);
    if (dialog) {
      event.preventDefault();
      show(dialog);
    }
    if (event.target.closest("dialog [data-close]")) {
      event.preventDefault(); // as a link it leads back, where there is no dialog to close
      event.target.closest("dialog").close();
    }
    if (event.target.matches("dialog")) closeFromBackdrop(event);
  });

  function closeFromBackdrop(event) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "dialog-body") return;
    const dialog = document.getElementById("dialog");
    const heading = event.target.querySelector("h1");
    document.getElementById("dialog-title").textContent = heading?.textContent ?? "";
    heading?.remove();
    if (!dialog.open) show(dialog);
  });
})();
