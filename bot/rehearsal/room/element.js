/* Building the page: every text is a text node, so nothing anybody writes becomes markup. */

const SVG = "http://www.w3.org/2000/svg";

/** Make an element; `on…` attributes are listeners, null and false leave an attribute out. */
export function h(tag, attributes = {}, ...children) {
  return dress(document.createElement(tag), attributes, children);
}

/** The same for SVG elements. */
export function s(tag, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), attributes, children);
}

function dress(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

const STROKES = {
  channel: "M4 7.5h12M3.5 12.5h12M8 3.5l-1.6 13M13.6 3.5L12 16.5",
  direct: "M4 4.5h12v9H9l-3.5 3v-3H4z",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  plus: "M10 4v12M4 10h12",
  send: "M10 16V4.5M5 9l5-5 5 5",
  reply: "M8 5L3.5 9.5 8 14M4 9.5h6.5c3.5 0 6 2 6 5.5",
  download: "M10 3.5v9M6 9l4 4 4-4M4 16.5h12",
  close: "M5 5l10 10M15 5L5 15",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  file: "M5 2.8h6.5L15 6.3v10.9H5zM11.3 3v3.5H15",
  wave: "M3 10v0M6 7v6M9 4v12M12 6.5v7M15 8.5v3M18 10v0",
  down: "M10 4v11.5M5 11l5 5 5-5",
  thread: "M6 3.5v6a3 3 0 0 0 3 3h7M13 9.5l3 3-3 3",
  smile: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7 12c1.6 2 4.4 2 6 0M7.4 8h.01M12.6 8h.01",
  pin: "M8 3h4l-.6 5 2.6 2.5H6L8.6 8zM10 10.5V17",
  lock: "M5.5 9h9v7h-9zM7.3 9V6.7a2.7 2.7 0 0 1 5.4 0V9",
  rights: "M4 6h8M15 6h1M4 14h1M8 14h8M13.5 4.3v3.4M6.5 12.3v3.4",
  eye: "M2.5 10S5.3 5 10 5s7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5zM10 9.9v.2",
};

/** A 20 × 20 line drawing; decoration only, so hidden from screen readers. */
export function icon(name) {
  return s(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" },
    s("path", { d: STROKES[name] }),
  );
}

/** A button that is only a drawing; `label` is read aloud and shown as a hint. */
export function tool(name, label, act) {
  const attributes = { type: "button", class: "tool", "aria-label": label, title: label };
  return h("button", { ...attributes, onclick: act }, icon(name));
}

/** Put an attachment's address on the origin the page came from, so that a forwarded port works. */
export function local(url) {
  const address = new URL(url, location.href);
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(address.hostname);
  return loopback ? location.origin + address.pathname + address.search : address.href;
}

/** Whether an address is served by this room; anything else is never loaded, only linked. */
export const served = (url) => local(url).startsWith(`${location.origin}/`);
