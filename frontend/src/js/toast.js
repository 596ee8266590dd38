// Short messages at the foot of the page, with one thing to do ("Undo").
import { icon, make, word } from "./words.js";

const ICONS = { good: "success", bad: "error", warn: "alert", info: "info" };

export function toast({ text, kind = "good", undo, link, label }) {
  const holder = document.getElementById("toasts");
  if (!holder) return;
  const close = make("button", { type: "button", class: "close", "aria-label": word("close") }, icon("x"));
  const box = make("div", { class: `toast ${kind}` }, icon(ICONS[kind] || "info"), make("p", {}, text));
  if (undo) {
    const button = make("button", { type: "button", "hx-post": undo, "hx-swap": "none" }, word("undo"));
    // Gone from sight at once, from the page after the answer: its events must still reach the body.
    button.addEventListener("click", () => (box.hidden = true));
    button.addEventListener("htmx:finally:request", () => setTimeout(() => box.remove()));
    box.append(button);
  } else if (link) {
    box.append(make("a", { href: link }, label || word("open")));
  }
  box.append(close);
  const remove = () => box.remove();
  close.addEventListener("click", remove);
  holder.append(box);
  // In the top layer, so that an open dialog does not hide it.
  holder.hidePopover?.();
  holder.showPopover?.();
  window.htmx?.process(box);
  let timer = setTimeout(remove, undo || kind === "bad" ? 10000 : 5000);
  box.addEventListener("mouseenter", () => clearTimeout(timer));
  box.addEventListener("focusin", () => clearTimeout(timer));
  box.addEventListener("mouseleave", () => (timer = setTimeout(remove, 3000)));
}

export function startToasts() {
  document.addEventListener("zhike:toast", (event) => {
    const { detail } = event;
    for (const message of detail.messages || detail.value?.messages || [detail]) toast(message);
  });
  for (const message of document.querySelectorAll("#messages > [data-toast]")) toast(message.dataset);
}
