/* What can be done with a message: reply, and the bot's commands for messages behind three dots. */

import { sendInteraction } from "./api.js";
import { onMessages, onPeople } from "./commands.js";
import { h, tool } from "./element.js";
import { foldout } from "./foldouts.js";
import { locale, localized, t } from "./i18n.js";
import { reactionMenu } from "./reactions.js";

async function use(command, target, message, room, failed) {
  const payload = { person: room.me.id, channel: message.channel_id, locale: locale() };
  try {
    await sendInteraction({ ...payload, command: command.name, target }, []);
  } catch (error) {
    failed(error.message);
  }
}

/* The commands for the message, then those for who wrote it; nobody aims one at the bot. */
function menu(message, room, failed) {
  const author = room.person(message.author.id, message.author);
  const forPeople = author.bot ? [] : onPeople(room.offered);
  const entries = [
    ...onMessages(room.offered).map((command) => [command, message.id, localized(command)]),
    ...forPeople.map((command) => [command, author.id, `${localized(command)} · @${author.name}`]),
  ].map(([command, target, words]) => [words, () => use(command, target, message, room, failed)]);
  if (!entries.length) return null;
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
