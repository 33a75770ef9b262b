/* Discord's dialect of Markdown as DOM nodes: no string is ever parsed as HTML. */

import { h } from "./element.js";
import { moment } from "./timestamps.js";

const DEEPEST = 8;
const METER = /(?=[█▓▰■░▒▱□]{5})([█▓▰■]*)[░▒▱□]*/y;

/* Rules: a sticky pattern and what it makes; `inside` reads what is within. First match wins. */
const INLINE = [
  [/\\([^\sA-Za-z0-9])/y, (m) => m[1]],
  [/``(.+?)``(?!`)/sy, (m) => code(m[1].trim())],
  [/`([^`]+)`/y, (m) => code(m[1])],
  [/\*\*\*(?=\S)(.+?)\*\*\*(?!\*)/sy, (m, inside) => h("strong", {}, h("em", {}, inside(m[1])))],
  [/\*\*(?=\S)(.+?)\*\*(?!\*)/sy, (m, inside) => h("strong", {}, inside(m[1]))],
  [/__(?=\S)(.+?)__(?!_)/sy, (m, inside) => h("u", {}, inside(m[1]))],
  [/~~(?=\S)(.+?)~~/sy, (m, inside) => h("s", {}, inside(m[1]))],
  [/\|\|(.+?)\|\|/sy, (m, inside) => spoiler(inside(m[1]))],
  [/\*(?=[^\s*])((?:[^*]|\*\*[^*]+\*\*)+?)\*(?!\*)/y, (m, inside) => h("em", {}, inside(m[1]))],
  [/_(?=[^\s_])([^_]+?)_(?![A-Za-z0-9_])/y, (m, inside) => h("em", {}, inside(m[1]))],
  [/\[([^\]\n]+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/y, (m, inside) => link(m[2], inside(m[1]))],
  [/<(https?:\/\/[^\s>]+)>/y, (m) => link(m[1])],
  [/https?:\/\/[^\s<]*[^\s<.,:;"')\]}!?，。；：！？）]/y, (m) => link(m[0])],
  [
    /<@!?(\d+)>/y,
    (m, _, room) => mention("person", `@${room.person(m[1]).name}`, m[1] === room.me?.id),
  ],
  [/<@&(\d+)>/y, (m, _, room) => mention("role", `@${roleName(room, m[1])}`)],
  [/<#(\d+)>/y, (m, _, room) => channelMention(room, m[1])],
  [/<\/([^:>]+):\d+>/y, (m) => mention("command", `/${m[1]}`)],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => moment(new Date(Number(m[1]) * 1000), m[2])],
  [/<a?(:\w+:)\d+>/y, (m) => m[1]],
  [/@(everyone|here)\b/y, (m) => mention("role", m[0])],
  [METER, (m) => meter(m[0], m[1].length / m[0].length)],
];

/** Read a message's text; `room` (a Store) knows the names behind mentions. */
export function markdown(text, room) {
  const fragment = document.createDocumentFragment();
  const fences = /```(?:([\w+#-]*)\n)?(.+?)```\n?/gs;
  let from = 0;
  for (const fence of text.matchAll(fences)) {
    fragment.append(...lines(text.slice(from, fence.index), room));
    fragment.append(
      h("pre", { "data-language": fence[1] || null }, h("code", {}, fence[2].replace(/\n$/, ""))),
    );
    from = fence.index + fence[0].length;
  }
  fragment.append(...lines(text.slice(from), room));
  return fragment;
}

/** The same text without its marks, for one-line excerpts. */
export function plain(text, room) {
  const holder = h("div");
  holder.append(markdown(text, room));
  for (const bar of holder.querySelectorAll(".meter")) bar.remove();
  return holder.textContent.replace(/\s+/g, " ").trim();
}

function lines(text, room) {
  const nodes = [];
  const rows = text.split("\n");
  for (let index = 0; index < rows.length; index += 1) {
    if (rows[index].startsWith(">>> ")) {
      const rest = [rows[index].slice(4), ...rows.slice(index + 1)].join("\n");
      return [...nodes, h("blockquote", {}, lines(rest, room))];
    }
    const [make, pattern] = BLOCKS.find(([, start]) => start.test(rows[index])) ?? [];
    if (!make) {
      nodes.push(...inline(rows[index], room));
      if (index < rows.length - 1) nodes.push("\n");
      continue;
    }
    const block = [];
    while (index < rows.length && pattern.test(rows[index])) {
      block.push(rows[index].replace(pattern, ""));
      index += 1;
      if (make.single) break;
    }
    nodes.push(make(block, room, rows[index - 1]));
    index -= 1;
  }
  return nodes;
}

const quote = (rows, room) => h("blockquote", {}, lines(rows.join("\n"), room));
const bullets = (rows, room) =>
  h(
    "ul",
    {},
    rows.map((row) => h("li", {}, inline(row, room))),
  );
const numbers = (rows, room) =>
  h(
    "ol",
    {},
    rows.map((row) => h("li", {}, inline(row, room))),
  );
const small = Object.assign((rows, room) => h("small", {}, inline(rows[0], room)), {
  single: true,
});
const heading = Object.assign(
  (rows, room, row) =>
    h(
      "p",
      { class: `heading-${row.indexOf(" ")}`, role: "heading", "aria-level": "3" },
      inline(rows[0], room),
    ),
  { single: true },
);
const BLOCKS = [
  [quote, /^> /],
  [bullets, /^\s*[-*] (?=\S)/],
  [numbers, /^\s*\d{1,3}\. (?=\S)/],
  [small, /^-# (?=\S)/],
  [heading, /^#{1,3} (?=\S)/],
];

function inline(text, room, depth = 0) {
  const nodes = [];
  let kept = "";
  for (let at = 0; at < text.length;) {
    const found = depth < DEEPEST ? matchAt(text, at) : null;
    if (found) {
      if (kept) nodes.push(kept);
      kept = "";
      nodes.push(found.make(found.match, (inner) => inline(inner, room, depth + 1), room));
      at += found.match[0].length;
    } else {
      kept += text[at];
      at += 1;
    }
  }
  if (kept) nodes.push(kept);
  return nodes;
}

function matchAt(text, at) {
  if (!"\\`*_~|[<h@█▓▰■░▒▱□".includes(text[at])) return null;
  // Underscores within a word are letters, not marks.
  if (text[at] === "_" && /[A-Za-z0-9]/.test(text[at - 1] ?? "")) return null;
  for (const [pattern, make] of INLINE) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { match, make };
  }
  return null;
}

function link(address, children = [address]) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, children);
}

function mention(kind, text, mine = false) {
  return h("span", { class: `mention${mine ? " mine" : ""}`, "data-kind": kind }, text);
}

function code(text) {
  METER.lastIndex = 0;
  const bar = METER.exec(text);
  if (!bar) return h("code", {}, text);
  return h(
    "code",
    { class: "bare" },
    meter(bar[0], bar[1].length / bar[0].length),
    text.slice(bar[0].length),
  );
}

/* A bar drawn with blocks becomes a bar; the blocks stay as its text, to be copied. */
function meter(text, done) {
  const node = h("span", { class: "meter" }, text);
  node.style.setProperty("--done", `${Math.round(done * 100)}%`);
  return node;
}

function channelMention(room, id) {
  const name = `#${room.channels.get(id)?.name ?? id}`;
  if (!room.channels.has(id)) return mention("channel", name);
  return h(
    "button",
    { class: "mention", type: "button", "data-kind": "channel", onclick: () => room.enter(id) },
    name,
  );
}

function roleName(room, id) {
  return room.guild.roles.find((role) => role.id === id)?.name.replace(/^@/, "") ?? id;
}

function spoiler(children) {
  const reveal = ({ currentTarget }) => currentTarget.classList.toggle("open");
  const node = h(
    "span",
    { class: "spoiler", role: "button", tabindex: "0", onclick: reveal },
    children,
  );
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") reveal(event);
  });
  return node;
}
