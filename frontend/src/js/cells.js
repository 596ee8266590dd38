// One value changed in place: double click, or F2 on the row's first such cell.
//   <tr data-row data-url="/customers/…/"> with <td data-cell="amount">; Escape puts the value back.
import htmx from "htmx.org/dist/htmx.esm.js";

function open(cell) {
  const row = cell?.closest("[data-url]");
  if (!row || cell.querySelector("form")) return;
  htmx.ajax("GET", `${row.dataset.url}cell/${encodeURIComponent(cell.dataset.cell)}/`, { target: cell, swap: "innerHTML" });
}

export function startCells() {
  document.addEventListener("dblclick", ({ target }) => {
    if (target.closest("a, button, input, form")) return;
    open(target.closest("td[data-cell]"));
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-inline]");
    if (form && event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      form.querySelector("[data-cancel]")?.click();
    } else if (event.key === "F2" && !event.target.closest?.("input, textarea, select")) {
      open(document.querySelector("[data-row].at td[data-cell]"));
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    const input = document.querySelector("form[data-inline]:not([data-begun])");
    if (!input) return;
    input.dataset.begun = "1";
    const first = input.querySelector("input:not([type=hidden]), select, textarea");
    first?.focus();
    if (first?.type === "text") first.select();
  });
}
