/* What the room asks of the server; a refusal is thrown as an Error whose message is for people. */

import { t } from "./i18n.js";

/** Run a command: `files` are those named "files[n]" in its options. */
export function sendInteraction(payload, files) {
  return post("interactions", form(payload, files));
}

/** Ask the bot for choices while an option is being typed; null when it does not answer. */
export async function askChoices(payload) {
  const answer = await post("autocomplete", JSON.stringify(payload));
  return answer.choices;
}

/** Press a button, or choose `values` in a menu. */
export function sendComponent(payload) {
  return post("components", JSON.stringify(payload));
}

/** Send a form: `files` are those named "files[n]" in its values; waits until the bot has it. */
export function sendForm(payload, files) {
  return post("forms", form(payload, files));
}

/** Open this person's own channel with the bot; the answer has its `id`. */
export function openDirect(person) {
  return post("direct", JSON.stringify({ person }));
}

/** Give a reaction, or take one's own back. */
export function sendReaction(payload) {
  return post("reactions", JSON.stringify(payload));
}

/** Let a person have a role or a permission, or not. */
export function switchRight(payload) {
  return post("rights", JSON.stringify(payload));
}

/** Say something, with files. */
export function sendMessage(payload, files) {
  return post("messages", form(payload, files));
}

function form(payload, files) {
  const body = new FormData();
  body.append("payload_json", JSON.stringify(payload));
  files.forEach((file, index) => body.append(`files[${index}]`, file, file.name));
  return body;
}

async function post(path, body) {
  const headers = typeof body === "string" ? { "Content-Type": "application/json" } : {};
  let response;
  try {
    response = await fetch(`api/${path}`, { method: "POST", body, headers });
  } catch (error) {
    throw new Error(t("wrong.network"), { cause: error });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message ?? t("wrong.refused"));
  return answer;
}
