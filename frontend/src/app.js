// The start of every page. What only some pages need is loaded when its element is there.
import htmx from "htmx.org/dist/htmx.esm.js";
import { startCells } from "./js/cells.js";
import { startCommand } from "./js/command.js";
import { startDialogs } from "./js/dialogs.js";
import { startForms } from "./js/forms.js";
import { pressEarlyKeys, startKeyboard } from "./js/keyboard.js";
import { startLive } from "./js/live.js";
import { startPickers } from "./js/picker.js";
import { startTables } from "./js/table.js";
import { startToasts, toast } from "./js/toast.js";
import { startWhen } from "./js/when.js";
import { word } from "./js/words.js";

window.htmx = htmx;
startToasts();
startDialogs();
startForms();
startTables();
startCells();
startWhen();
startPickers();
startKeyboard(startCommand());
startLive();

const lazy = { "zhike-board": () => import("./js/board.js"), "[data-passkey]": () => import("./js/passkeys.js") };
function loadLazy() {
  return Promise.allSettled(Object.keys(lazy).map((name) => document.querySelector(name) && lazy[name]()));
}
document.addEventListener("htmx:after:swap", loadLazy);

const line = document.getElementById("loading");
let running = 0;
document.addEventListener("htmx:before:request", () => line?.classList.toggle("on", ++running > 0));
document.addEventListener("htmx:finally:request", () => line?.classList.toggle("on", --running > 0));
document.addEventListener("htmx:error", ({ detail }) => detail.ctx && toast({ text: word("offline"), kind: "bad" }));

// A redirect to another place of the page that is open only moves the view: what has changed is fetched as well.
document.addEventListener("htmx:finally:request", ({ detail }) => {
  if (!detail.ctx.hx?.redirect?.includes("#")) return;
  const to = new URL(detail.ctx.hx.redirect, location);
  if (to.pathname + to.search !== location.pathname + location.search) return;
  history.scrollRestoration = "manual"; // to the place that was named, not to where the page stood
  location.reload();
});

// A confirmation that looks like the rest: hx-confirm="text".
document.addEventListener("htmx:confirm", (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  const dialog = document.getElementById("confirm");
  if (!dialog || !ctx.confirm) return;
  event.preventDefault();
  dialog.querySelector("[data-text]").textContent = ctx.confirm;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => (dialog.returnValue === "yes" ? issueRequest() : dropRequest()), { once: true });
  dialog.showModal();
});

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast({ text: word("copied") }));
  const show = event.target.closest("[data-toggle]");
  if (show) {
    const target = document.querySelector(show.dataset.toggle);
    target.hidden = !target.hidden;
    show.setAttribute("aria-expanded", String(!target.hidden));
    if (!target.hidden) target.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  }
});
document.addEventListener("change", ({ target }) => {
  if (target.matches?.("[data-theme-choice]")) document.documentElement.dataset.theme = target.value.toLowerCase();
});

// Files dropped on a label with a file input.
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.(".drop");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("over", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const input = zone.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Now, not at htmx's own timer, which may come after the page's load event: a key pressed between the two
// would follow its link instead of opening it here.
htmx.initialize();
loadLazy().then(() => {
  pressEarlyKeys();
  document.documentElement.dataset.ready = "";
});
