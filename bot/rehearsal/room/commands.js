/* The commands a bot registered: what can be typed, and whether an answer is allowed. No DOM. */

import { localized, t } from "./i18n.js";

const CHAT_INPUT = 1;
const ON_PERSON = 2;
const ON_MESSAGE = 3;

/** Discord's option types. */
export const TYPE = {
  SUB_COMMAND: 1,
  SUB_COMMAND_GROUP: 2,
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};

/** One thing to type: `path` is its name ("jam start"), `title` that in the room's language. */
function invocation(chain, command) {
  const last = chain.at(-1);
  const options = [...(last.options ?? [])].sort(
    (a, b) => Number(b.required ?? 0) - Number(a.required ?? 0),
  );
  return {
    id: command.id,
    path: chain.map((part) => part.name).join(" "),
    get title() {
      return chain.map((part) => localized(part)).join(" ");
    },
    get description() {
      return localized(last, "description");
    },
    options,
  };
}

function branches(chain, command) {
  const children = (chain.at(-1).options ?? []).filter(
    (option) => option.type <= TYPE.SUB_COMMAND_GROUP,
  );
  if (chain.length > 1 ? chain.at(-1).type === TYPE.SUB_COMMAND : !children.length)
    return [invocation(chain, command)];
  return children.flatMap((child) => branches([...chain, child], command));
}

/** Everything that can be typed after a slash, with subcommands as entries of their own. */
export function invocations(commands) {
  return commands
    .filter(({ type = CHAT_INPUT }) => type === CHAT_INPUT)
    .flatMap((command) => branches([command], command));
}

/** The commands that are used on a message instead of being typed. */
export const onMessages = (commands) => commands.filter(({ type }) => type === ON_MESSAGE);

/** The commands that are used on a person. */
export const onPeople = (commands) => commands.filter(({ type }) => type === ON_PERSON);

/** Those that fit what was typed: names that begin so, before names that contain it. */
export function matching(commands, typed) {
  const wanted = typed.toLowerCase();
  const rank = (entry) => {
    const names = [entry.path.toLowerCase(), entry.title.toLowerCase()];
    if (names.some((name) => name.startsWith(wanted))) return 0;
    return names.some((name) => name.includes(wanted)) ? 1 : 2;
  };
  const ranked = invocations(commands).map((entry) => [rank(entry), entry]);
  return ranked
    .filter(([place]) => place < 2)
    .sort((a, b) => a[0] - b[0])
    .map(([, entry]) => entry);
}

/** An option's allowed range in words, or "". */
export function rangeText(option) {
  const characters = option.type === TYPE.STRING;
  const min = characters ? option.min_length : option.min_value;
  const max = characters ? option.max_length : option.max_value;
  let range = "";
  if (min !== undefined && max !== undefined) range = t("option.between", { min, max });
  else if (min !== undefined) range = t("option.atleast", { min });
  else if (max !== undefined) range = t("option.atmost", { max });
  return characters && range ? t("option.characters", { range }) : range;
}

/** What is typed for an option, as the type that Discord sends; undefined when nothing is typed. */
export function typed(option, value) {
  if (value === "" || value === null || value === undefined) return undefined;
  if (option.type === TYPE.INTEGER || option.type === TYPE.NUMBER) return Number(value);
  return value;
}

/** Why an answer is not allowed, as one sentence; "" when it is. */
export function problem(option, value) {
  const name = localized(option);
  const answer = typed(option, value);
  if (answer === undefined) return option.required ? t("wrong.required", { option: name }) : "";
  if (option.choices?.length) {
    return option.choices.some((choice) => choice.value === answer)
      ? ""
      : t("wrong.choice", { option: name });
  }
  if (option.type === TYPE.STRING) return lengthProblem(option, name, [...answer].length);
  if (option.type === TYPE.INTEGER || option.type === TYPE.NUMBER)
    return numberProblem(option, name, answer);
  return "";
}

function lengthProblem(option, name, length) {
  if (length < (option.min_length ?? 0))
    return t("wrong.short", { option: name, min: option.min_length });
  if (length > (option.max_length ?? 6000))
    return t("wrong.long", { option: name, max: option.max_length ?? 6000 });
  return "";
}

function numberProblem(option, name, number) {
  const { min_value: min, max_value: max } = option;
  if (!Number.isFinite(number)) return t("wrong.number", { option: name });
  if (option.type === TYPE.INTEGER && !Number.isSafeInteger(number))
    return t("wrong.integer", { option: name });
  const low = min !== undefined && number < min;
  const high = max !== undefined && number > max;
  if (!low && !high) return "";
  if (min !== undefined && max !== undefined) return t("wrong.between", { option: name, min, max });
  return low ? t("wrong.atleast", { option: name, min }) : t("wrong.atmost", { option: name, max });
}

/* Of the server that one is in; direct messages have no channels to choose from. */
function channelsFor(store, option) {
  const here = store.channels.get(store.channel)?.guild ?? "";
  const kinds = option.channel_types ?? [];
  return [...store.channels.values()].filter(
    ({ guild, type }) => guild === here && (!kinds.length || kinds.includes(type)),
  );
}

function personChoices(store) {
  return [...store.people.values()].map(({ id, name, avatar_color }) => ({
    value: id,
    label: name,
    color: avatar_color,
  }));
}

function roleChoices(store) {
  const everyone = { id: store.guild.id, name: "@everyone" };
  const roles = store.guild.roles.length ? store.guild.roles : [everyone];
  return roles.map(({ id, name }) => ({
    value: id,
    label: name.startsWith("@") ? name : `@${name}`,
  }));
}

/** The values an option offers ({value, label}), or null where anything may be typed. */
export function offers(option, store) {
  if (option.choices?.length)
    return option.choices.map((choice) => ({ value: choice.value, label: localized(choice) }));
  const byType = {
    [TYPE.BOOLEAN]: () => [
      { value: true, label: t("yes") },
      { value: false, label: t("no") },
    ],
    [TYPE.USER]: () => personChoices(store),
    [TYPE.CHANNEL]: () =>
      channelsFor(store, option).map(({ id, name }) => ({ value: id, label: `#${name}` })),
    [TYPE.ROLE]: () => roleChoices(store),
    [TYPE.MENTIONABLE]: () => [...personChoices(store), ...roleChoices(store)],
  };
  return byType[option.type]?.() ?? null;
}
