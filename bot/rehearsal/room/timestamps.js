/* Moments in the reader's language; relative ones keep up with the clock. */

import { h } from "./element.js";
import { locale, t } from "./i18n.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [
  ["year", 31557600],
  ["month", 2629800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const DAY = 86400000;

const inStyle = (date, style) =>
  new Intl.DateTimeFormat(locale(), STYLES[style] ?? STYLES.f).format(date);

function relative(date) {
  const seconds = Math.round((date - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(
    Math.trunc(seconds / size),
    unit,
  );
}

/** A `<time>` in one of Discord's styles (t T d D f F R); `<t:…:R>` is kept up to date. */
export function moment(date, style = "f") {
  if (Number.isNaN(date.getTime())) return h("span", {}, "?");
  const text = style === "R" ? relative(date) : inStyle(date, style);
  const live = style === "R" ? "relative" : null;
  return h(
    "time",
    { datetime: date.toISOString(), title: inStyle(date, "F"), "data-live": live },
    text,
  );
}

/** The name of a date's day, for the line between two days. */
export function dayName(date) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (date >= midnight) return t("day.today");
  if (date >= midnight - DAY) return t("day.yesterday");
  return new Intl.DateTimeFormat(locale(), { dateStyle: "full" }).format(date);
}

/** Seconds as a player shows them: 3:07. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

setInterval(() => {
  for (const node of document.querySelectorAll("time[data-live]")) {
    const text = relative(new Date(node.dateTime));
    if (node.textContent !== text) node.textContent = text;
  }
}, 1000);
