// The search and command box: Ctrl/⌘ K. Results come as HTML from the server.
import { openDialog } from "./dialogs.js";

export function startCommand() {
  const dialog = document.getElementById("command");
  if (!dialog) return () => {};
  const input = dialog.querySelector("input");
  const results = dialog.querySelector(".command-results");
  const options = () => [...results.querySelectorAll("[role=option]")];
  let mark = null;

  async function search() {
    const mine = (mark = Symbol("search"));
    const url = new URL(dialog.dataset.url, location.href);
    url.searchParams.set("q", input.value.trim());
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true", Accept: "text/html" } });
      if (mine !== mark || !answer.ok) return;
      results.innerHTML = await answer.text();
    } catch {
      return; // offline: the old results stay
    }
    point(0);
  }

  function point(index) {
    const all = options();
    for (const option of all) option.setAttribute("aria-selected", "false");
    const current = all[(index + all.length) % all.length];
    current?.setAttribute("aria-selected", "true");
    current?.scrollIntoView({ block: "nearest" });
    if (current) input.setAttribute("aria-activedescendant", current.id);
    else input.removeAttribute("aria-activedescendant");
  }

  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 90);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const at = options().findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      point(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = options()[at];
      if (option?.href) open(option.href, event.ctrlKey || event.metaKey ? "_blank" : "_self");
      else option?.click();
    }
  });
  results.addEventListener("mousemove", (event) => {
    const index = options().indexOf(event.target.closest("[role=option]"));
    if (index >= 0) point(index);
  });

  function show() {
    openDialog(dialog);
    input.select();
    search();
  }
  document.addEventListener("click", (event) => event.target.closest("[data-command]") && show());
  return show;
}
