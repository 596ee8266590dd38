// Parts of a form that only apply for some values of another field:
//   <fieldset data-when="kind" data-when-in="ENTERPRISE PERSON">
// A part that does not apply is hidden and not sent; what was typed in it is kept until the page is left.
function apply(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const field = form.elements[part.dataset.when];
    if (!field) continue;
    const value = field.value ?? "";
    const applies = part.dataset.whenIn.split(" ").includes(value);
    part.hidden = !applies;
    part.disabled = !applies;
  }
}

export function startWhen() {
  const all = () => document.querySelectorAll("form").forEach((form) => form.querySelector("[data-when]") && apply(form));
  document.addEventListener("change", ({ target }) => target.form?.querySelector("[data-when]") && apply(target.form));
  document.addEventListener("htmx:after:swap", all);
  addEventListener("pageshow", all);
  all();
}
