// One key for what is done often. Declared in the page:
//   data-key="c"      this link or button is pressed by c (c create, e edit …)
//   data-go="c"       this link is followed by g, then c
//   ? help   / search   j k row down and up   Enter opens   x selects
import { openDialog } from "./dialogs.js";
import { moveRow, openRow, toggleRow } from "./table.js";

let waitingForGo = 0;

const typing = (element) => element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox]");
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

export function startKeyboard(openCommand) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return openCommand();
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) {
      event.preventDefault();
      return event.target.form.requestSubmit();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (document.querySelector("dialog[open]") || document.querySelector(".menu:popover-open")) return;
    if (act(event.key)) event.preventDefault();
  });
}

function act(key) {
  if (waitingForGo > Date.now()) {
    waitingForGo = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    return Boolean(link);
  }
  switch (key) {
    case "g":
      waitingForGo = Date.now() + 1500;
      return true;
    case "?":
      openDialog(document.getElementById("keys"));
      return true;
    case "/": {
      const box = [...document.querySelectorAll("[data-search]")].find(visible);
      box?.focus();
      if (!box) document.querySelector("[data-command]")?.click();
      return true;
    }
    case "j":
    case "k":
      return moveRow(key === "j" ? 1 : -1);
    case "Enter":
      return openRow();
    case "x":
      return toggleRow();
    default: {
      // What the page offers goes before what the frame does.
      const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(visible);
      const target = all.find((each) => each.closest("#content")) || all[0];
      target?.click();
      return Boolean(target);
    }
  }
}

// What was pressed before we listened (early.js), now: text goes to the field that a key has opened meanwhile.
export function pressEarlyKeys() {
  for (const { key, ctrlKey, metaKey } of window.earlyKeys?.() || []) {
    const target = document.activeElement || document.body;
    const event = new KeyboardEvent("keydown", { key, ctrlKey, metaKey, bubbles: true, cancelable: true });
    if (!target.dispatchEvent(event) || !typing(target)) continue;
    if (key === "Enter") target.form?.requestSubmit();
    else if (target.setRangeText) {
      target.setRangeText(key, target.selectionStart, target.selectionEnd, "end");
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}
