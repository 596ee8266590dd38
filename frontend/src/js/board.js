// A board: cards dragged between columns, or moved by keyboard (Space lifts, arrows move, Space drops, Esc puts back).
//   <zhike-board data-url="/…/move/">  with [data-column="id"] > [data-cards] > [data-card="id"]
// A move is an event "zhike:moved" on the card ({card, column, before}) and, with data-url, a POST of the three and
// of the card's data-version. The card lies in its new place at once; if the server refuses, it goes back.
import Sortable from "sortablejs";
import htmx from "htmx.org/dist/htmx.esm.js";

export class Board extends HTMLElement {
  connectedCallback() {
    for (const cards of this.querySelectorAll("[data-cards]")) {
      Sortable.create(cards, {
        group: this.id || "board",
        draggable: "[data-card]",
        filter: "[data-fixed]",
        animation: 120,
        delay: 120,
        delayOnTouchOnly: true,
        ghostClass: "ghost",
        chosenClass: "held",
        scroll: true,
        bubbleScroll: true,
        onStart: ({ item }) => (this.from = this.placeOf(item)),
        onEnd: ({ item, from, to, oldIndex, newIndex }) => (from !== to || oldIndex !== newIndex) && this.moved(item),
      });
    }
    this.addEventListener("keydown", (event) => this.onKey(event));
    // Dragging leaves empty style attributes; a swap would copy them, which the content policy forbids.
    this.clean = () => this.querySelectorAll('[style=""]').forEach((each) => each.removeAttribute("style"));
    document.addEventListener("htmx:before:swap", this.clean);
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:before:swap", this.clean);
  }

  placeOf(card) {
    return { parent: card.parentElement, next: card.nextElementSibling };
  }

  columnOf(card) {
    return card.closest("[data-column]");
  }

  onKey(event) {
    const card = event.target.closest("[data-card]");
    if (!card || event.target !== card || card.hasAttribute("data-fixed")) return;
    if (event.key === " ") {
      event.preventDefault();
      if (this.held === card) {
        this.release();
        if (this.columnOf(card) !== this.from.parent.closest("[data-column]") || card.nextElementSibling !== this.from.next) this.moved(card);
      } else {
        this.held = card;
        this.from = this.placeOf(card);
        card.classList.add("lifted");
        this.say(this.dataset.sayLifted);
      }
    } else if (event.key === "Escape" && this.held) {
      this.from.parent.insertBefore(this.held, this.from.next);
      this.held.focus();
      this.release();
    } else if (event.key.startsWith("Arrow") && this.held) {
      event.preventDefault();
      this.shift(card, event.key);
      card.focus();
      this.say(this.columnOf(card).getAttribute("aria-label"));
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      (event.key === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling)?.focus();
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      this.neighbour(card, event.key)?.querySelector("[data-card]")?.focus();
    }
  }

  neighbour(card, key) {
    const columns = [...this.querySelectorAll("[data-column]")];
    return columns[columns.indexOf(this.columnOf(card)) + (key === "ArrowRight" ? 1 : -1)];
  }

  shift(card, key) {
    if (key === "ArrowDown") card.nextElementSibling?.after(card);
    else if (key === "ArrowUp") card.previousElementSibling?.before(card);
    else this.neighbour(card, key)?.querySelector("[data-cards]").prepend(card);
  }

  release() {
    this.held?.classList.remove("lifted");
    this.held = null;
  }

  say(text) {
    const voice = this.querySelector("[data-voice]");
    if (voice && text) voice.textContent = text;
  }

  moved(card) {
    const detail = { card: card.dataset.card, column: this.columnOf(card).dataset.column, before: card.nextElementSibling?.dataset.card || "" };
    card.dispatchEvent(new CustomEvent("zhike:moved", { bubbles: true, detail }));
    if (this.dataset.url) this.send(card, detail, this.from);
  }

  async send(card, detail, from) {
    const values = { ...detail, version: card.dataset.version || "", _key: crypto.randomUUID?.() || String(Math.random()) };
    let status = 0;
    const note = ({ target, detail: { ctx } }) => target === this && (status = ctx.response?.status || 0);
    this.addEventListener("htmx:finally:request", note);
    await htmx.ajax("POST", this.dataset.url, { source: this, target: this.dataset.target || this, swap: "none", values });
    this.removeEventListener("htmx:finally:request", note);
    if (status >= 200 && status < 300) return;
    // Where it lay before; the neighbour may have gone meanwhile.
    from.parent.insertBefore(card, from.next?.parentElement === from.parent ? from.next : null);
    if (!document.querySelector("dialog[open]")) card.focus();
  }
}

customElements.define("zhike-board", Board);
