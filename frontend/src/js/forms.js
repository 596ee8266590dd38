// What every form does: no double sending, errors at their fields, a conflict that can be compared,
// texts kept over an expired session or the back button.
import { openDialog } from "./dialogs.js";
import { make, word } from "./words.js";

// The form itself is sent, not only a part of the page asked for with its fields (a preview, a check).
const sends = ({ request, sourceElement }) => request.method !== "GET" && (!sourceElement || sourceElement === request.form || sourceElement.type === "submit");
const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";
let sent = null; // the form whose answer is under way or was a conflict

export function startForms() {
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const { request } = detail.ctx;
    if (request.method !== "GET") request.headers["X-CSRFToken"] = csrf();
    if (request.form) {
      sent = request.form;
      if (sends(detail.ctx)) setBusy(request.form, true);
    }
  });
  document.addEventListener("htmx:finally:request", ({ detail }) => {
    const { form } = detail.ctx.request;
    if (form && sends(detail.ctx) && !detail.ctx.keepIndicators) setBusy(form, false);
    const { status, headers } = detail.ctx.response || {};
    if (form && status < 400 && sends(detail.ctx)) forget(form);
    // Nothing to compare with: what was typed is offered again over what stands there now.
    if (status === 409 && form?.matches("[data-draft]") && !headers?.get("HX-Retarget")) save(form, "");
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("[hx-post],[hx-get]") || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    const token = form.querySelector('[name="csrfmiddlewaretoken"]');
    if (token) token.value = csrf() || token.value; // the session may have been renewed in another tab
    if (form.matches("[data-draft]")) remember("draft-sent", JSON.stringify([keyOf(form), location.pathname]));
    setTimeout(() => setBusy(form, true)); // after the values have been read
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      setBusy(form, false);
    }
  });
  document.addEventListener("zhike:refused", ({ detail }) => showErrors(sent, detail));
  document.addEventListener("zhike:signed-out", () => openDialog(document.getElementById("signed-out")));
  document.addEventListener("submit", onCompare, true);
  document.addEventListener("input", onInput);
  document.addEventListener("change", onChange);
  document.addEventListener("htmx:after:process", restoreAll);
  dropSent();
  restoreAll();
}

export function setBusy(form, busy) {
  for (const button of form.querySelectorAll('button[type="submit"], button:not([type])')) {
    button.disabled = busy;
    button.classList.toggle("busy", busy);
  }
}

// -- errors --

// A cell of a table is named with its row: `name#2` is the third control of that name.
function cellOf(form, name) {
  const [, base, row] = name.match(/^(.+)#(\d+)$/) || [];
  return base ? form.querySelectorAll(`[name="${CSS.escape(base)}"]`)[row] : undefined;
}

// The message stands where its table has a place for messages, otherwise under the cell.
function markCell(cell, text) {
  const line = make("p", { id: newId(), class: "field-error" }, text);
  const box = cell.closest(".field")?.querySelector("[data-error-for]");
  if (box) box.append(line);
  else cell.after(line);
  if (!cell.id) cell.id = newId();
  cell.dataset.fault = line.id;
  cell.setAttribute("aria-invalid", "true");
  cell.setAttribute("aria-describedby", line.id);
  for (let part = cell.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
}

function clearCell(cell) {
  document.getElementById(cell.dataset.fault)?.remove();
  delete cell.dataset.fault;
  for (const name of ["aria-invalid", "aria-describedby"]) cell.removeAttribute(name);
}

const newId = () => `error-${Math.random().toString(36).slice(2)}`;

export function clearErrors(form) {
  form.querySelector(".error-summary")?.remove();
  for (const cell of form.querySelectorAll("[data-fault]")) clearCell(cell);
  for (const box of form.querySelectorAll("[data-error-for]")) box.textContent = "";
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

export function showErrors(form, { message, fields = {} }) {
  if (!form?.isConnected) return;
  clearErrors(form);
  const list = make("ul");
  for (const [name, text] of Object.entries(fields)) {
    const cell = cellOf(form, name);
    const input = cell || form.querySelector(`[name="${CSS.escape(name)}"], [data-field="${CSS.escape(name)}"]`);
    if (cell) markCell(cell, text);
    else markField(form, name, input, text);
    const label = form.querySelector(`[data-label-of="${CSS.escape(name.replace(/#\d+$/, ""))}"]`)?.dataset.labelText;
    const line = label ? `${label}: ${text}` : text;
    const item = make("li", {}, input?.id ? make("a", { href: `#${input.id}` }, line) : line);
    list.append(item);
  }
  const summary = make("div", { class: "error-summary", role: "alert", tabindex: "-1" }, make("p", { class: "strong" }, message));
  // One fault whose words are the message already is not said twice.
  const texts = Object.values(fields);
  if (list.children.length && !(texts.length === 1 && texts[0] === message)) summary.append(list);
  form.prepend(summary);
  // Of a large table the cell itself is what one has to find.
  const first = cellOf(form, Object.keys(fields)[0] || "");
  (first || summary).focus();
  (first || summary).scrollIntoView({ block: first ? "center" : "nearest" });
}

function markField(form, name, input, text) {
  const box = form.querySelector(`[data-error-for="${CSS.escape(name)}"]`);
  const target = input?.closest("[data-field]") || input;
  if (box) box.textContent = text;
  input?.setAttribute("aria-invalid", "true");
  if (!target || !box) return;
  target.setAttribute("aria-invalid", "true");
  if (!box.id) box.id = newId();
  input?.setAttribute("aria-describedby", box.id);
}

// What the server would refuse unread is not sent.
function checkSize(input) {
  if (![...input.files].some((file) => file.size > input.dataset.maxMb * 1048576)) return;
  input.value = "";
  showErrors(input.form, { message: input.dataset.tooLarge, fields: { [input.name]: input.dataset.tooLarge } });
}

// -- two people, one record --

function onCompare(event) {
  const form = event.target;
  if (!form.matches("form[data-compare]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form.closest("dialog").close();
  if (!sent?.isConnected) return;
  for (const old of sent.querySelectorAll("[data-pick]")) old.remove();
  for (const { name, value } of form.querySelectorAll("input[type=radio]:checked")) sent.append(make("input", { type: "hidden", name, value, "data-pick": true }));
  const version = sent.elements["_version"];
  if (version) version.value = form.dataset.version;
  sent.requestSubmit();
}

// Whoever goes on typing in a field means what he types, whatever was chosen for it before.
function unpick(target) {
  const name = target.closest?.("[data-label-of]")?.dataset.labelOf;
  if (name) target.form?.querySelector(`[data-pick][name="_pick-${CSS.escape(name)}"]`)?.remove();
}

// -- drafts --

const userId = document.documentElement.dataset.user || "";
const keyOf = (form) => `draft:${userId}:${form.getAttribute("hx-post") || form.getAttribute("action") || ""}:${location.pathname}${location.search}`;
const kept = (field) => field.name && !field.name.startsWith("_") && !["csrfmiddlewaretoken"].includes(field.name) && !["password", "file", "hidden", "submit", "button"].includes(field.type);

function onInput({ target }) {
  const form = target.form;
  if (target.dataset?.fault) clearCell(target);
  else if (target.getAttribute?.("aria-invalid")) {
    target.removeAttribute("aria-invalid");
    const box = form?.querySelector(`[data-error-for="${CSS.escape(target.name)}"]`);
    if (box) box.textContent = "";
  }
  unpick(target);
  if (!form?.matches("[data-draft]")) return;
  clearTimeout(form.draftTimer);
  form.draftTimer = setTimeout(() => save(form), 250);
}

function onChange({ target }) {
  unpick(target);
  if (target.dataset?.maxMb) checkSize(target);
  if (target.form?.matches("[data-draft]")) save(target.form);
  if (target.matches("[data-submit-on-change]")) target.form?.requestSubmit();
}

// What is kept of a field: text; [value, checked] of a box; {chosen: [[value, label]]} of a select.
function valueOf(field) {
  if (field.type === "checkbox" || field.type === "radio") return [field.value, field.checked];
  if (field.tagName === "SELECT") return { chosen: [...field.selectedOptions].map((option) => [option.value, option.text]) };
  return field.value;
}

function save(form, version = form.elements["_version"]?.value) {
  const values = [...form.elements].filter(kept).map((field) => [field.name, valueOf(field)]);
  remember(keyOf(form), JSON.stringify({ version, values }));
}

function remember(key, text) {
  try {
    if (text === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // storage full or forbidden: the form works without
  }
}

function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) || "null");
  } catch {
    return null;
  }
}

// A plain form that was answered by another page has been taken: its draft is done with.
function dropSent() {
  const [key, path] = recall("draft-sent") || [];
  remember("draft-sent", null);
  if (key && path !== location.pathname && !location.pathname.startsWith("/sign-in")) remember(key, null);
}

export function forget(form) {
  clearTimeout(form.draftTimer);
  remember(keyOf(form), null);
}

function restoreAll() {
  for (const form of document.querySelectorAll("form[data-draft]:not([data-restored])")) {
    form.dataset.restored = "1";
    const draft = recall(keyOf(form));
    const changed = Array.isArray(draft?.values) ? restore(form, draft.values) : [];
    if (!changed.length) continue;
    // Typed over what was read then: if somebody saved meanwhile, the two are compared.
    const version = form.elements["_version"];
    if (version && draft.version) [version.dataset.now, version.value] = [version.value, draft.version];
    notice(form);
    for (const field of changed) for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    // Parts that depend on a choice follow it.
    for (const field of changed) if (field.matches("select, [type=radio], [type=checkbox]") && !field.matches("[data-submit-on-change]")) field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// Put it back; the fields that it changed.
function restore(form, values) {
  const changed = [];
  const seen = {};
  for (const [name, value] of values) {
    const box = Array.isArray(value);
    const list = [...form.elements].filter((each) => each.name === name);
    let field = box ? list.find((each) => each.value === value[0]) : list[seen[name] ?? 0];
    if (!field && list.length && !box) field = oneMore(list.at(-1), name);
    seen[name] = (seen[name] ?? 0) + 1;
    if (!field || !kept(field) || JSON.stringify(valueOf(field)) === JSON.stringify(value)) continue;
    changed.push(field);
    if (box) field.checked = value[1];
    else if (value.chosen) choose(field, value.chosen);
    else field.value = value;
  }
  return changed;
}

// Another line of a list of phones or the like.
function oneMore(field, name) {
  const editor = field.closest("zhike-list");
  editor?.querySelector("ul").append(editor.querySelector("template").content.cloneNode(true));
  return [...(editor?.querySelectorAll(`ul [name="${CSS.escape(name)}"]`) || [])].at(-1);
}

function choose(select, chosen) {
  for (const option of select.options) option.selected = false;
  for (const [value, text] of chosen) {
    let option = [...select.options].find((each) => each.value === value);
    if (!option) select.append((option = new Option(text, value)));
    option.selected = true;
  }
  select.closest("zhike-picker")?.draw?.();
}

function notice(form) {
  const drop = make("button", { type: "button", class: "button small quiet" }, word("discard"));
  const box = make("div", { class: "callout", role: "status" }, make("p", {}, word("draft")), drop);
  drop.addEventListener("click", () => {
    forget(form);
    form.reset();
    const version = form.elements["_version"];
    if (version?.dataset.now) version.value = version.dataset.now;
    box.remove();
  });
  form.prepend(box);
}
