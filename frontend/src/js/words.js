// Texts for scripts come from the page, already in the user's language.
const words = JSON.parse(document.querySelector('meta[name="zhike-words"]')?.content || "{}");

export const word = (key) => words[key] ?? key;

// A small element builder: text never becomes markup.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function icon(name, size = "") {
  const holder = document.createElement("template");
  const sprite = document.querySelector('meta[name="zhike-icons"]')?.content;
  holder.innerHTML = `<svg class="icon ${size}" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;
  return holder.content.firstElementChild;
}
