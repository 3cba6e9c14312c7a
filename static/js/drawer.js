// On a small screen the side bar is a drawer: it takes the focus when it opens, gives it back when
// it is closed, and closes when the focus or a click goes elsewhere.
(() => {
  const button = document.querySelector("[data-drawer]");
  if (!button) return;
  const shell = document.querySelector(".shell");
  const side = document.getElementById("side-bar");
  const isOpen = () => shell.classList.contains("drawer-open");

  function set(open) {
    shell.classList.toggle("drawer-open", open);
    button.setAttribute("aria-expanded", String(open));
  }

  function close() {
    set(false);
    button.focus();
  }

  button.addEventListener("click", () => {
    set(true);
    side.querySelector("[data-drawer-close]").focus();
  });
  side.addEventListener("click", (event) => event.target.closest("[data-drawer-close]") && close());
  document.addEventListener("click", (event) => {
    if (isOpen() && !side.contains(event.target) && !button.contains(event.target)) close();
  });
  document.addEventListener("focusin", (event) => {
    if (isOpen() && !side.contains(event.target) && event.target !== button) set(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && !side.querySelector("details[open]")) close();
  });
})();
