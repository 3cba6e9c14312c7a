// `/` search · `g` and a letter: follow the link marked with it · Ctrl K: palette · `?` help.
(() => {
  let waitsForLetter = 0;
  const isTyping = (target) => target.matches("input, textarea, select, [contenteditable]");

  const palette = document.getElementById("palette");
  if (!palette) return;
  const show = (dialog) => document.dispatchEvent(new CustomEvent("dialog", { detail: dialog }));

  function go(letter) {
    document.querySelector(`a[data-go="${CSS.escape(letter)}"]`)?.click();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      show("palette");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const isSecond = Date.now() - waitsForLetter < 1500;
    waitsForLetter = event.key === "g" && !isSecond ? Date.now() : 0;
    if (isSecond) go(event.key);
    else if (event.key === "?") show("shortcuts");
    else if (event.key === "/") {
      event.preventDefault();
      document.querySelector("[data-search]")?.focus();
    }
  });

  // In the palette the arrows walk from the field through the results; Enter follows the first.
  palette.addEventListener("keydown", (event) => {
    const stops = [palette.querySelector("input"), ...palette.querySelectorAll("#palette-results a")];
    const at = stops.indexOf(document.activeElement);
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      stops[(at + by + stops.length) % stops.length].focus();
    } else if (event.key === "Enter" && at === 0 && stops.length > 1) {
      event.preventDefault();
      stops[1].click();
    }
  });
})();
