/* Buttons and menus under a message. */

import { sendComponent } from "./api.js";
import { offers, TYPE } from "./commands.js";
import { h } from "./element.js";
import { locale, t } from "./i18n.js";
import { markdown } from "./markdown.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const SELECTS = { 5: TYPE.USER, 6: TYPE.ROLE, 7: TYPE.MENTIONABLE, 8: TYPE.CHANNEL };

/* Custom emoji would have to be loaded from elsewhere: their name is shown instead. */
const face = (emoji) =>
  emoji ? h("span", { class: "emoji" }, emoji.id ? `:${emoji.name}:` : emoji.name) : null;

/** Turns components into elements; `room` is the Store, `failed(text)` shows a refusal. */
class Components {
  constructor(message, room, failed) {
    Object.assign(this, { message, room, failed });
    this.makers = {
      1: (row) => h("div", { class: "component-row" }, this.all(row.components)),
      2: (button) => this.button(button),
      3: (select) => this.select(select, select.options),
      9: (section) =>
        h(
          "div",
          { class: "component-section" },
          this.all([...section.components, section.accessory]),
        ),
      10: (text) => h("div", { class: "text" }, markdown(text.content, room)),
      14: () => h("hr"),
      17: (box) => h("div", { class: "embed" }, this.all(box.components)),
    };
    for (const [type, option] of Object.entries(SELECTS)) {
      this.makers[type] = (select) =>
        this.select(select, offers({ type: option, ...select }, room));
    }
  }

  all(components = []) {
    return components.map((component) => this.makers[component?.type]?.(component)).filter(Boolean);
  }

  button(component) {
    const { style, label, emoji, url, disabled, custom_id: id } = component;
    const look = `button ${STYLES[style] ?? "secondary"}`;
    if (style === 5) {
      const safe = /^https?:\/\//.test(url ?? "") ? url : null;
      return h(
        "a",
        { class: look, href: safe, target: "_blank", rel: "noopener noreferrer" },
        face(emoji),
        label,
      );
    }
    const press = ({ currentTarget }) => this.use(currentTarget, id);
    return h(
      "button",
      { type: "button", class: look, disabled, "data-custom-id": id, onclick: press },
      face(emoji),
      label,
    );
  }

  select(component, options) {
    const { custom_id: id, placeholder, disabled, max_values: most = 1 } = component;
    const multiple = most > 1;
    const chosen = options.filter((option) => option.default);
    const hint = placeholder ?? t("select.placeholder");
    const choose = ({ currentTarget }) => {
      const values = [...currentTarget.selectedOptions].map(({ value }) => value).filter(Boolean);
      if (values.length) this.use(currentTarget, id, values);
    };
    return h(
      "select",
      {
        class: "menu",
        disabled,
        multiple,
        "aria-label": hint,
        "data-custom-id": id,
        onchange: choose,
      },
      multiple ? null : h("option", { value: "", selected: !chosen.length }, hint),
      options.map((option) =>
        h("option", { value: option.value, selected: option.default }, option.label),
      ),
    );
  }

  async use(control, customId, values) {
    control.disabled = true;
    try {
      await sendComponent({
        person: this.room.me.id,
        message: this.message.id,
        custom_id: customId,
        values,
        locale: locale(),
      });
    } catch (error) {
      this.failed(error.message);
    } finally {
      control.disabled = false;
    }
  }
}

/** The rows of components of a message, as elements. */
export const componentViews = (message, room, failed) =>
  new Components(message, room, failed).all(message.components);
