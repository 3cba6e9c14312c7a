// Makes django-unfold's pages work where eval is forbidden. Alpine's build for such pages knows only
// what is registered with it, and reads neither globals, statements nor arrow functions: what
// Unfold's templates say in those words is said here again. docs/decisions/admin-without-eval.md
(() => {
  const THEME_KEY = "_x_adminTheme"; // theme.js of the console keeps its choice there, too
  const SIDE_BAR_KEY = "sidebarDesktopOpen";
  const TAB_OF_BODY = /activeTab:\s*'([^']*)'/;

  const REWRITTEN = {
    "x-bind:action": ["window.location", "formAction(activeTab)"],
    "x-on:click": ["localStorage", "toggleSideBar()"],
    "x-on:keydown.enter.prevent": ["selectItem", "openItem($event)"],
  };

  function shell(firstTab) {
    return () => ({
      activeTab: firstTab,
      sidebarMobileOpen: false,
      sidebarDesktopOpen: localStorage.getItem(SIDE_BAR_KEY) !== "0",
      toggleSideBar() {
        this.sidebarDesktopOpen = !this.sidebarDesktopOpen;
        localStorage.setItem(SIDE_BAR_KEY, this.sidebarDesktopOpen ? "1" : "0");
      },
      // The address that a form is sent to remembers the open tab.
      formAction(tab) {
        const here = location.pathname + location.search;
        return tab && tab !== "general" ? `${here}#${tab}` : here;
      },
    });
  }

  function themed() {
    const component = window.theme();
    component.adminTheme = Alpine.$persist("auto").as(THEME_KEY);
    return component;
  }

  function palette() {
    const component = window.searchCommand();
    component.openItem = function openItem(event) {
      if (!event.metaKey && !event.ctrlKey && this.currentIndex > 0) this.selectItem(false);
    };
    return component;
  }

  function firstTab(body) {
    const [, written] = TAB_OF_BODY.exec(body.getAttribute("x-data") || "") || [];
    return (written !== undefined && window.getCurrentTab && window.getCurrentTab()) || written || "";
  }

  function rewrite() {
    for (const [name, [old, now]] of Object.entries(REWRITTEN)) {
      for (const element of document.querySelectorAll(`[${CSS.escape(name)}]`)) {
        if (element.getAttribute(name).includes(old)) element.setAttribute(name, now);
      }
    }
  }

  // Unfold hangs clicks on plain words: let the keyboard and screen readers have them, too.
  function makeReachable() {
    for (const element of document.querySelectorAll("[x-on\\:click]:not(button, input, a[href])")) {
      if (!element.textContent.trim() || element.querySelector("a, button, input")) continue;
      element.setAttribute("role", "button");
      element.tabIndex = 0;
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        element.click();
      });
    }
  }

  // Select2 puts a combobox in the place of a select, and forgets what the select is called.
  // Django's filtered lists name a tooltip that has no role which could bear a name.
  function nameWidgets() {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const name = select.labels[0]?.textContent.trim() ?? "";
      const parts = "[role=combobox], [role=textbox], [role=searchbox]";
      for (const part of select.nextElementSibling?.querySelectorAll(parts) ?? []) {
        part.setAttribute("aria-label", name);
      }
    }
    for (const tip of document.querySelectorAll(".help-tooltip")) tip.setAttribute("role", "img");
  }

  addEventListener("load", () => {
    nameWidgets();
    const whole = { childList: true, subtree: true };
    new MutationObserver(nameWidgets).observe(document.body, whole);
  });
  document.addEventListener("alpine:init", () => {
    const { body } = document;
    Alpine.data("shell", shell(firstTab(body)));
    Alpine.data("theme", themed);
    Alpine.data("searchForm", window.searchForm);
    Alpine.data("searchCommand", palette);
    body.setAttribute("x-data", "shell");
    body.removeAttribute("x-init");
    document.getElementById("main")?.setAttribute("role", "main");
    rewrite();
    makeReachable();
  });
})();
