// <zhike-picker>: choose one or several by typing. Works on the <select> inside it, which is what is sent;
// without scripts the select itself is used.
//   data-url="/…?q="    options come from the server: [{"value", "label", "hint"}]
//   data-create         a new value may be typed (tags)
import { icon, make, word } from "./words.js";

let serial = 0;

class Picker extends HTMLElement {
  connectedCallback() {
    this.select = this.querySelector("select");
    if (!this.select || this.box) return;
    this.listId = `picker-${++serial}`;
    this.input = make("input", { type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": this.listId, "aria-autocomplete": "list", placeholder: this.dataset.placeholder || "" });
    if (this.select.id) {
      this.input.id = this.select.id;
      this.select.removeAttribute("id");
    }
    for (const name of ["aria-label", "aria-describedby", "aria-invalid"]) if (this.select.hasAttribute(name)) this.input.setAttribute(name, this.select.getAttribute(name));
    if (this.select.required) {
      this.input.setAttribute("aria-required", "true");
      this.select.required = false;
    }
    const hadFocus = document.activeElement === this.select; // somebody was quicker than the scripts
    this.list = make("div", { class: "picker-list", id: this.listId, role: "listbox", hidden: true });
    this.box = make("div", { class: "input picker-box" }, this.input);
    this.select.hidden = true;
    this.classList.add("picker");
    this.append(this.box, this.list);
    this.draw();
    this.input.addEventListener("focus", () => this.input.hasAttribute("data-calm") || this.search());
    this.input.addEventListener("click", () => this.list.hidden && this.search());
    this.input.addEventListener("input", (event) => !event.isComposing && this.search(true));
    this.input.addEventListener("compositionend", () => this.search(true));
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.leave(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.box.addEventListener("mousedown", (event) => {
      if (event.target === this.box) {
        event.preventDefault();
        this.input.focus();
      }
    });
    this.select.form?.addEventListener("reset", () => setTimeout(() => this.draw()));
    if (hadFocus) this.input.focus();
  }

  get chosen() {
    return [...this.select.selectedOptions].filter((option) => option.value !== "");
  }

  draw() {
    for (const chip of this.box.querySelectorAll(".chip")) chip.remove();
    if (this.select.multiple) {
      for (const option of this.chosen) {
        const remove = make("button", { type: "button", "aria-label": `${word("remove")} ${option.text}` }, icon("x"));
        remove.addEventListener("click", () => {
          option.selected = false;
          this.changed();
        });
        this.input.before(make("span", { class: "chip" }, make("span", { class: "clip" }, option.text), remove));
      }
      this.input.value = "";
    } else {
      this.input.value = this.chosen[0]?.text || "";
    }
  }

  async search(typed = false) {
    const text = typed || this.select.multiple ? this.input.value.trim() : "";
    const mark = (this.mark = Symbol("search"));
    let found;
    if (this.dataset.url) {
      if (typed) await new Promise((resolve) => setTimeout(resolve, 160));
      if (mark !== this.mark) return;
      const url = new URL(this.dataset.url, location.href);
      url.searchParams.set("q", text);
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" } });
        found = answer.ok ? await answer.json() : [];
      } catch {
        found = [];
      }
      if (mark !== this.mark) return;
    } else {
      const folded = text.toLowerCase();
      found = [...this.select.options]
        .filter((option) => option.value !== "" || !this.select.multiple)
        .filter((option) => `${option.text} ${option.dataset.find || ""}`.toLowerCase().includes(folded))
        .map((option) => ({ value: option.value, label: option.text, hint: option.dataset.hint }));
    }
    const taken = new Set(this.chosen.map((option) => option.value));
    if (this.select.multiple) found = found.filter(({ value }) => !taken.has(String(value)));
    if (this.hasAttribute("data-create") && text && !found.some(({ label }) => label === text)) found.push({ value: text, label: text, hint: word("new") });
    this.show(found);
  }

  show(found) {
    this.list.replaceChildren(
      ...found.slice(0, 60).map(({ value, label, hint }, index) => {
        const option = make("div", { role: "option", id: `${this.listId}-${index}`, "data-value": value, "data-text": label, "aria-selected": index === 0 ? "true" : "false" }, make("span", { class: "clip" }, label || "—"));
        if (hint) option.append(make("span", { class: "faint small push" }, hint));
        return option;
      }),
    );
    if (!found.length) this.list.append(make("div", { class: "none" }, word("nothing")));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.point();
  }

  point() {
    const current = this.list.querySelector('[aria-selected="true"]');
    if (current) this.input.setAttribute("aria-activedescendant", current.id);
    else this.input.removeAttribute("aria-activedescendant");
    current?.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.list.hidden = true;
    this.mark = null;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  leave() {
    if (this.contains(document.activeElement) && document.activeElement === this.input) return;
    if (!this.select.multiple && this.input.value.trim() === "" && this.chosen.length) {
      this.pick("", "");
    } else if (this.hasAttribute("data-create") && this.input.value.trim()) {
      this.pick(this.input.value.trim(), this.input.value.trim());
    } else this.draw();
    this.close();
  }

  onKey(event) {
    if (event.isComposing) return;
    const options = [...this.list.querySelectorAll("[role=option]")];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) return void this.search();
      const next = options[(at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length];
      options[at]?.setAttribute("aria-selected", "false");
      next?.setAttribute("aria-selected", "true");
      this.point();
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      this.choose(options[at]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.draw();
      this.close();
    } else if (event.key === "Backspace" && this.select.multiple && !this.input.value && this.chosen.length) {
      this.chosen.at(-1).selected = false;
      this.changed();
    } else if ((event.key === "," || event.key === "，") && this.hasAttribute("data-create") && this.input.value.trim()) {
      event.preventDefault();
      this.pick(this.input.value.trim(), this.input.value.trim());
    }
  }

  choose(option) {
    if (!option) return;
    this.pick(option.dataset.value, option.dataset.text);
    // Of a short list one picks on; what was found by typing would lie over what comes next.
    if (this.select.multiple && !this.dataset.url) this.search();
    else this.close();
  }

  pick(value, text) {
    let option = [...this.select.options].find((each) => each.value === value);
    if (!option) {
      option = new Option(text, value);
      this.select.append(option);
    }
    option.selected = true;
    this.changed();
  }

  changed() {
    this.draw();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// <zhike-list>: several values of one kind (phones, e-mails, handles). A <template> is the empty line.
class ListEditor extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-add]")) this.add();
      if (event.target.closest("[data-remove]")) this.drop(event.target.closest("li"));
    });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input") || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.add();
    });
  }

  add() {
    const line = this.querySelector("template").content.cloneNode(true);
    this.querySelector("ul").append(line);
    this.querySelector("ul > li:last-child input")?.focus();
  }

  drop(line) {
    const list = line.parentElement;
    line.remove();
    if (!list.children.length) this.add();
    (list.querySelector("li:last-child input") || this.querySelector("[data-add]"))?.focus();
    this.closest("form")?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// <zhike-region>: province, city, district from one file of codes; a hidden input holds the deepest chosen.
class RegionCascade extends HTMLElement {
  async connectedCallback() {
    if (this.selects) return;
    this.value = this.querySelector("input");
    this.selects = [];
    const answer = await fetch(this.dataset.url);
    if (!answer.ok) return;
    this.tree = await answer.json(); // [[code, name, [[code, name, …]]]]
    const labels = (this.dataset.labels || "").split("|");
    this.selects = [0, 1, 2].map((level) => {
      const select = make("select", { class: "input", "aria-label": labels[level] || "" });
      select.addEventListener("change", () => this.fill(level + 1));
      return select;
    });
    this.value.type = "hidden";
    this.append(...this.selects);
    this.fill(0, this.value.value);
  }

  fill(level, code = "") {
    let nodes = this.tree;
    for (let each = 0; each < level; each += 1) nodes = nodes?.find(([key]) => key === this.selects[each].value)?.[2] || [];
    for (let each = level; each < 3; each += 1) {
      this.selects[each].replaceChildren(new Option(this.selects[each].getAttribute("aria-label"), ""), ...(nodes || []).map(([key, name]) => new Option(name, key)));
      this.selects[each].disabled = !nodes?.length;
      const digits = (each + 1) * 2;
      const match = code && nodes?.find(([key]) => key.slice(0, digits) === code.slice(0, digits));
      if (match && (each === 0 || code.slice(each * 2, digits) !== "00")) this.selects[each].value = match[0];
      nodes = match ? match[2] : [];
    }
    const deepest = this.selects.map((select) => select.value).filter(Boolean).at(-1) || "";
    if (deepest !== this.value.value) {
      this.value.value = deepest;
      this.value.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}

export function startPickers() {
  customElements.define("zhike-picker", Picker);
  customElements.define("zhike-list", ListEditor);
  customElements.define("zhike-region", RegionCascade);
}
