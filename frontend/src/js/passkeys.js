// Passkeys. A form with data-passkey="get" or "create" asks the device before it is sent:
//   data-options   where the options come from (the form is posted there)
//   credential     the field for what the device answers
// It is hidden until it is known that the browser can do it; [data-no-passkeys] says so until then.
import { clearErrors, setBusy, showErrors } from "./forms.js";
import { word } from "./words.js";

const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

class Told extends Error {
  constructor(message, fields) {
    super(message);
    this.fields = fields;
  }
}

async function optionsOf(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Told(body.detail, Object.fromEntries((body.errors || []).map(({ field, message }) => [field, message])));
  body.challenge = decode(body.challenge);
  if (body.user) body.user.id = decode(body.user.id);
  for (const known of body.excludeCredentials || []) known.id = decode(known.id);
  return body;
}

// As the server reads it: binary parts in base64url.
function written({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const said = parts.filter((part) => response[part]).map((part) => [part, encode(response[part])]);
  return JSON.stringify({ id, rawId: encode(rawId), type, response: Object.fromEntries(said) });
}

async function ask(form) {
  clearErrors(form);
  setBusy(form, true);
  try {
    const publicKey = await optionsOf(form);
    form.elements.credential.value = written(await navigator.credentials[form.dataset.passkey]({ publicKey }));
    // It was asked for with the options.
    for (const field of form.querySelectorAll("[type=password]")) field.disabled = true;
    setBusy(form, false);
    form.requestSubmit();
  } catch (error) {
    setBusy(form, false);
    if (error instanceof Told) showErrors(form, error);
    else if (error.name === "InvalidStateError" && form.dataset.known) showErrors(form, { message: form.dataset.known });
    else showErrors(form, { message: error instanceof TypeError ? word("offline") : form.dataset.stopped });
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[data-passkey]") || form.elements.credential.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form);
  },
  true,
);
addEventListener("pageshow", reset);

// Also a page that came back from the browser's memory has to ask again.
function reset() {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    form.elements.credential.value = "";
    for (const field of form.querySelectorAll("[type=password]")) field.disabled = false;
  }
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = true;
}
reset();
