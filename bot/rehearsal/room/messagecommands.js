/* What can be done with a message: reply, and the bot's commands for messages behind three dots. */

import { sendInteraction } from "./api.js";
import { onMessages } from "./commands.js";
import { h, icon, tool } from "./element.js";
import { locale, localized, t } from "./i18n.js";

async function use(command, message, room, failed) {
  const payload = { person: room.me.id, channel: message.channel_id, locale: locale() };
  try {
    await sendInteraction({ ...payload, command: command.name, target: message.id }, []);
  } catch (error) {
    failed(error.message);
  }
}

function menu(message, room, failed) {
  const commands = onMessages(room.commands);
  if (!commands.length) return null;
  const label = t("message.more", { bot: room.theBot().name });
  const entries = commands.map((command) => {
    const run = () => {
      details.open = false;
      use(command, message, room, failed);
    };
    return h("button", { type: "button", onclick: run }, localized(command));
  });
  const details = h(
    "details",
    { class: "more" },
    h("summary", { class: "tool", "aria-label": label, title: label }, icon("more")),
    h("div", { class: "more-list" }, entries),
  );
  details.addEventListener("focusout", ({ relatedTarget }) => {
    if (!details.contains(relatedTarget)) details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.firstChild.focus();
  });
  return details;
}

/** The buttons that show beside a message; `actions` as in MessageView. */
export function toolbar(message, room, { reply, failed }) {
  const author = room.person(message.author.id, message.author);
  const label = t("message.reply.to", { person: author.name });
  const buttons = [tool("reply", label, () => reply(message)), menu(message, room, failed)];
  return h("div", { class: "toolbar" }, buttons);
}
