// Native dialogs and popover menus.
//   <button data-dialog="#id">           opens a dialog that is on the page
//   <button data-close>                  closes the dialog it is in
//   <dialog data-open> swapped in        opens by itself, and is removed when closed
//   <button popovertarget="menu-id">     opens a menu; placed under its button

export function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const fields = [...dialog.querySelectorAll(".dialog-body input:not([type=hidden]), .dialog-body textarea, .dialog-body select")];
  const first = dialog.querySelector("[autofocus]") || fields.find((field) => field.checkVisibility?.() ?? true);
  // A choice of several shows its list when it is asked for: opened at once it would lie over the buttons.
  first?.toggleAttribute("data-calm", Boolean(first.closest("zhike-picker")?.select?.multiple));
  first?.focus();
  first?.removeAttribute("data-calm");
}

function place(menu, opener) {
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 4 + height <= innerHeight || at.top < height;
  const start = menu.dataset.align === "end" ? at.right - width : at.left;
  menu.style.left = `${Math.max(8, Math.min(start, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) openDialog(document.querySelector(opener.dataset.dialog));
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target.matches("dialog[open]") && event.target === event.target.closest("dialog")) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && event.detail > 0) event.target.close();
    }
    const item = event.target.closest(".menu-item");
    if (item && !item.hasAttribute("data-stay")) item.closest("[popover]")?.hidePopover();
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
      const opener = document.querySelector(`[popovertarget="${menu.id}"]`);
      opener?.setAttribute("aria-expanded", String(event.newState === "open"));
      if (event.newState !== "open" || !opener) return;
      place(menu, opener);
      menu.querySelector("input, .menu-item")?.focus({ preventScroll: true });
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(".menu[popover]");
    if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) || event.target.matches("input,textarea,select")) return;
    const items = [...menu.querySelectorAll(".menu-item")];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    items[(next + items.length) % items.length]?.focus();
    event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", openSwapped);
  // What a dialog asked for is done: it closes.
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const { form, method } = ctx.request;
    if (form && method !== "GET" && ctx.response?.status === 204) form.closest("dialog[open]")?.close();
  });
  // Chips underneath which are radio buttons: a second tap takes the choice back.
  document.addEventListener("pointerdown", ({ target }) => {
    const radio = target.closest?.("[data-unpick] label")?.querySelector("input[type=radio]");
    if (radio) radio.wasChecked = radio.checked;
  });
  document.addEventListener("click", ({ target }) => {
    if (!target.matches?.("[data-unpick] input[type=radio]") || !target.wasChecked) return;
    target.checked = target.wasChecked = false;
    target.dispatchEvent(new Event("change", { bubbles: true }));
  });
  openSwapped();
}

function openSwapped() {
  for (const dialog of document.querySelectorAll("dialog[data-open]:not([open])")) {
    dialog.removeAttribute("data-open");
    dialog.addEventListener("close", () => dialog.remove());
    openDialog(dialog);
  }
}
