// A board: cards dragged between columns, or moved by keyboard (Space lifts, arrows move, Space drops, Esc puts back).
//   <zhike-board data-url="/…/move/">  with [data-column="id"] > [data-cards] > [data-card="id"]
// A move is an event "zhike:moved" on the card ({card, column, before}) and, with data-url, a POST of the three.
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
        onEnd: ({ item, from, to, oldIndex, newIndex }) => (from !== to || oldIndex !== newIndex) && this.moved(item),
      });
    }
    this.addEventListener("keydown", (event) => this.onKey(event));
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
        this.from = { parent: card.parentElement, next: card.nextElementSibling };
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
    if (this.dataset.url) htmx.ajax("POST", this.dataset.url, { source: this, target: this.dataset.target || this, swap: "none", values: { ...detail, _key: crypto.randomUUID?.() || String(Math.random()) } });
  }
}

customElements.define("zhike-board", Board);
