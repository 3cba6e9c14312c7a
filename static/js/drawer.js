// On a small screen the side bar is a drawer: it takes the focus when it opens and gives it back.
(() => {
  const button = document.querySelector("[data-drawer]");
  if (!button) return;
  const shell = document.querySelector(".shell");
  const side = document.getElementById("side-bar");
  const main = document.querySelector(".main");
  const isOpen = () => shell.classList.contains("drawer-open");

  function set(open) {
    shell.classList.toggle("drawer-open", open);
    button.setAttribute("aria-expanded", String(open));
    main.inert = open;
    (open ? side.querySelector("[data-drawer-close]") : button).focus();
  }

  button.addEventListener("click", () => set(true));
  document.addEventListener("click", (event) => {
    if (!isOpen() || button.contains(event.target)) return;
    if (event.target.closest("[data-drawer-close]") || !side.contains(event.target)) set(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && !side.querySelector("details[open]")) set(false);
  });
  matchMedia("(min-width: 1024px)").addEventListener("change", () => isOpen() && set(false));
})();
