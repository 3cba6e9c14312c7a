// Light, dark or as the device: set before the first paint, and kept under the key of the staff
// admin's theme, so that one choice holds on both surfaces.
(() => {
  const KEY = "_x_adminTheme";
  const root = document.documentElement;
  const device = matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || root.dataset.theme;
    } catch {
      return root.dataset.theme;
    }
  }

  function apply() {
    const chosen = choice();
    root.classList.toggle("dark", chosen === "dark" || (chosen !== "light" && device.matches));
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    }
  }

  root.classList.add("js");
  apply();
  document.addEventListener("DOMContentLoaded", apply);
  device.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    localStorage.setItem(KEY, JSON.stringify(button.dataset.themeChoice));
    apply();
  });
  // The choice that is saved with the profile holds on this device, too.
  document.addEventListener("submit", (event) => {
    const setting = event.target.querySelector("[data-theme-setting]:checked");
    if (setting) localStorage.setItem(KEY, JSON.stringify(setting.value));
  });
})();
