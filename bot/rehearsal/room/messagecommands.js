/* What can be done with a message: reply, and the bot's commands for messages behind three dots. */

import { sendInteraction } from "./api.js";
import { onMessages } from "./commands.js";
import { h, tool } from "./element.js";
import { foldout } from "./foldouts.js";
import { locale, localized, t } from "./i18n.js";
import { reactionMenu } from "./reactions.js";

async function use(command, message, room, failed) {
  const payload = { person: room.me.id, channel: message.channel_id, locale: locale() };
  try {
    await sendInteraction({ ...payload, command: command.name, target: message.id }, []);
  } catch (error) {
    failed(error.message);
  }
}

function menu(message, room, failed) {
  const commands = onMessages(room.offered);
  if (!commands.length) return null;
  const entries = commands.map((command) => [
    localized(command),
    () => use(command, message, room, failed),
  ]);
  return foldout("more", t("message.more", { bot: room.theBot().name }), entries);
}

/** The buttons that show beside a message; `actions` as in MessageView. */
export function toolbar(message, room, { reply, failed }) {
  const author = room.person(message.author.id, message.author);
  const label = t("message.reply.to", { person: author.name });
  const buttons = [
    reactionMenu(message, room, failed),
    tool("reply", label, () => reply(message)),
    menu(message, room, failed),
  ];
  return h("div", { class: "toolbar" }, buttons);
}
