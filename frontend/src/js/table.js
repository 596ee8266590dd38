// Lists: a current row (j/k), selected rows (with Shift for a range) and the bar that acts on them.
//   <tr data-row>        with its first link as the way to open it
//   <input data-select>  in each row, data-select-all in the head
//   <div data-bulk>      shown while something is selected; data-bulk-count holds the number
const rows = () => [...document.querySelectorAll("tr[data-row], li[data-row]")].filter((row) => row.offsetParent !== null);
let last = null;

export function moveRow(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(document.querySelector("[data-row].at"));
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
  document.querySelector("[data-row].at")?.classList.remove("at");
  next.classList.add("at");
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

export function openRow() {
  const row = document.querySelector("[data-row].at");
  const link = row?.querySelector("a[href]");
  if (link && (document.activeElement === row || document.activeElement === document.body)) link.click();
  else return false;
  return true;
}

export function toggleRow() {
  const box = document.querySelector("[data-row].at [data-select]");
  box?.click();
  return Boolean(box);
}

export function startTables() {
  document.addEventListener("click", ({ target, shiftKey }) => {
    if (!target.matches?.("[data-select]")) return;
    const boxes = boxesOf(target);
    if (shiftKey && last && boxes.includes(last)) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(target)].sort((a, b) => a - b);
      for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
    }
    last = target;
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches?.("[data-select-all]")) for (const box of boxesOf(target)) box.checked = target.checked;
    if (target.matches?.("[data-select], [data-select-all]")) tell(target);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-select-none]");
    if (!button) return;
    const scope = button.closest("[data-list]") || document;
    for (const box of scope.querySelectorAll("[data-select], [data-select-all]")) box.checked = false;
    tell(button);
  });
  document.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-list]").forEach((list) => tell(list)));
  addEventListener("pageshow", () => document.querySelectorAll("[data-list]").forEach((list) => tell(list)));
}

const boxesOf = (element) => [...(element.closest("[data-list]") || document).querySelectorAll("[data-select]")];

function tell(element) {
  const scope = element.closest("[data-list]") || document;
  const boxes = [...scope.querySelectorAll("[data-select]")];
  const count = boxes.filter((box) => box.checked).length;
  const all = scope.querySelector("[data-select-all]");
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  for (const bar of scope.querySelectorAll("[data-bulk]")) {
    bar.hidden = count === 0;
    const number = bar.querySelector("[data-bulk-count]");
    if (number) number.textContent = count;
  }
}
