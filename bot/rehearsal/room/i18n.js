/* Chinese and English: the room's own words, and the localizations that commands bring along. */

const WORDS = {
  en: {
    "app.title": "mindjam room",
    skip: "Skip to the message box",
    "nav.open": "Channels and people",
    "nav.channels": "Channels",
    "nav.people": "You are",
    "nav.people.hint": "Open a name in a new tab to be two people at once.",
    "nav.bot": "In the room",
    "nav.language": "中文",
    "nav.language.label": "切换到中文",
    rehearsal: "A rehearsal: everything here stays on this computer.",
    "bot.online": "online",
    "bot.offline": "offline",
    "banner.offline":
      "{bot} is not here right now. Commands will work again as soon as it is back.",
    "banner.lost": "The connection to the room is lost. Trying again…",
    "banner.dismiss": "Hide this note",
    log: "Messages",
    "log.latest": "Jump to the latest",
    "welcome.title": "Welcome to {channel}",
    "welcome.text":
      "Describe some music and {bot} plays it. Type / to see what {bot} can do, or try this:",
    "welcome.example": "warm lo-fi piano, soft rain, brushed drums",
    "welcome.try": "Try this prompt",
    "message.edited": "edited",
    "message.used": "{person} used {command}",
    "message.only": "Only you can see this",
    "message.dismiss": "Dismiss",
    "message.thinking": "{bot} is thinking…",
    "message.more": "What {bot} can do with this",
    "message.reply.to": "Reply to {person}",
    "message.reply.gone": "The message is no longer there",
    "message.reply.clip": "a clip",
    "message.failed": "{bot} did not answer.",
    "message.bot": "bot",
    replying: "Replying to {person}",
    "replying.cancel": "Do not reply",
    "file.download": "Download {name}",
    "file.remove": "Remove {name}",
    "audio.label": "Play {name}",
    "image.elsewhere": "Picture on another site",
    "text.placeholder": "Message {channel}, or type /",
    "text.label": "Message",
    "text.attach": "Attach files",
    "text.send": "Send",
    "text.drop": "Drop it here",
    typing: "{person} is typing…",
    "picker.commands": "Commands",
    "picker.none": "No command is called that.",
    "picker.empty": "No commands yet. They appear as soon as the bot has registered them.",
    "picker.nothing": "Nothing fits.",
    "picker.asking": "Asking for suggestions…",
    "picker.failed": "No suggestions came. What you type is sent as it is.",
    "picker.keys": "↑ ↓ choose · Enter or Tab take · Esc close",
    "command.leave": "Leave the command",
    "command.send": "Send the command",
    "command.more": "+{count} more options",
    "command.keys": "Tab next option · Enter send · Esc leave",
    "option.required": "needed",
    "option.optional": "optional",
    "option.between": "{min} to {max}",
    "option.atleast": "at least {min}",
    "option.atmost": "at most {max}",
    "option.characters": "{range} characters",
    "option.file": "choose a file",
    "option.file.keys": "Enter opens the file chooser; dropping or pasting a file works too.",
    yes: "Yes",
    no: "No",
    "wrong.required": "Please fill in “{option}”.",
    "wrong.integer": "“{option}” has to be a whole number.",
    "wrong.number": "“{option}” has to be a number.",
    "wrong.between": "“{option}” has to be between {min} and {max}.",
    "wrong.atleast": "“{option}” has to be {min} or more.",
    "wrong.atmost": "“{option}” has to be {max} or less.",
    "wrong.short": "“{option}” needs at least {min} characters.",
    "wrong.long": "“{option}” can have at most {max} characters.",
    "wrong.choice": "Please choose “{option}” from its list.",
    "wrong.large": "“{name}” is too large: this room takes files of up to {limit}.",
    "wrong.network": "The room cannot be reached; nothing was sent.",
    "wrong.refused": "The room refused this.",
    "select.placeholder": "Choose…",
    "wrong.count": "“{option}” takes {min} to {max}.",
    "form.close": "Close without sending",
    "form.cancel": "Cancel",
    "form.send": "Submit",
    "form.files": "choose files",
    "nav.direct": "Direct messages",
    "nav.elsewhere": "A server without the bot",
    "bot.write": "Write to {bot} in private",
    "direct.topic": "Only you and {bot} read this.",
    "elsewhere.topic": "{bot} is no member here. It does only what people bring along.",
    "thread.in": "A thread in {channel}",
    "thread.open": "Open the thread {name}",
    "thread.archived": "archived",
    "system.pinned": "{person} pinned a message.",
    "system.thread": "{person} started a thread:",
    "system.starter": "This thread is about the message above.",
    "message.react": "React",
    "message.react.with": "React with {emoji}",
    "message.reacted": "{emoji} by {people}",
    "rights.title": "What {person} may do",
    "rights.close": "Close",
    "rights.owner": "Owns the server and may do everything; roles can still be changed.",
    "rights.note": "Switch things off and on to see what the bot makes of it.",
    "rights.role": "Role: {role}",
    "rights.is.owner": "owner",
    "rights.without": "not: {right}",
    "may.USE_APPLICATION_COMMANDS": "Use commands",
    "may.SEND_MESSAGES": "Write messages",
    "may.ATTACH_FILES": "Attach files",
    "may.ADD_REACTIONS": "React",
    "may.CREATE_PUBLIC_THREADS": "Start threads",
    "may.MANAGE_MESSAGES": "Manage messages",
    "may.MANAGE_GUILD": "Manage the server",
    "replying.ping": "With a mention",
    "replying.silent": "Without a mention",
    "text.mute": "You may not write in {channel}",
    "day.today": "Today",
    "day.yesterday": "Yesterday",
    unread: "new messages",
  },
  zh: {
    "app.title": "mindjam 房间",
    skip: "跳到输入框",
    "nav.open": "频道与成员",
    "nav.channels": "频道",
    "nav.people": "你现在是",
    "nav.people.hint": "在新标签页中打开另一个名字，就能同时扮演两个人。",
    "nav.bot": "在房间里",
    "nav.language": "English",
    "nav.language.label": "Switch to English",
    rehearsal: "这是排练：一切都只留在这台电脑上。",
    "bot.online": "在线",
    "bot.offline": "离线",
    "banner.offline": "{bot} 暂时不在，回来后命令即可恢复使用。",
    "banner.lost": "与房间的连接已断开，正在重试…",
    "banner.dismiss": "隐藏这条说明",
    log: "消息",
    "log.latest": "跳到最新消息",
    "welcome.title": "欢迎来到 {channel}",
    "welcome.text": "用一句话描述音乐，{bot} 就会演奏。输入 / 看看 {bot} 会做什么，或者试试：",
    "welcome.example": "warm lo-fi piano, soft rain, brushed drums",
    "welcome.try": "试试这个描述",
    "message.edited": "已编辑",
    "message.used": "{person} 使用了 {command}",
    "message.only": "只有你能看到这条消息",
    "message.dismiss": "关闭",
    "message.thinking": "{bot} 正在思考…",
    "message.more": "{bot} 能用它做什么",
    "message.reply.to": "回复 {person}",
    "message.reply.gone": "原消息已不在了",
    "message.reply.clip": "一段音频",
    "message.failed": "{bot} 没有回应。",
    "message.bot": "机器人",
    replying: "正在回复 {person}",
    "replying.cancel": "取消回复",
    "file.download": "下载 {name}",
    "file.remove": "移除 {name}",
    "audio.label": "播放 {name}",
    "image.elsewhere": "其他网站上的图片",
    "text.placeholder": "发到 {channel}，或输入 / 使用命令",
    "text.label": "消息",
    "text.attach": "添加附件",
    "text.send": "发送",
    "text.drop": "拖到这里即可添加",
    typing: "{person} 正在输入…",
    "picker.commands": "命令",
    "picker.none": "没有这个命令。",
    "picker.empty": "还没有命令，机器人注册后会立即出现。",
    "picker.nothing": "没有符合的选项。",
    "picker.asking": "正在获取建议…",
    "picker.failed": "没有收到建议，输入的内容会原样发送。",
    "picker.keys": "↑ ↓ 选择 · Enter 或 Tab 确定 · Esc 关闭",
    "command.leave": "退出命令",
    "command.send": "发送命令",
    "command.more": "另有 {count} 个选项",
    "command.keys": "Tab 下一项 · Enter 发送 · Esc 退出",
    "option.required": "必填",
    "option.optional": "可选",
    "option.between": "{min} 到 {max}",
    "option.atleast": "至少 {min}",
    "option.atmost": "至多 {max}",
    "option.characters": "{range} 个字符",
    "option.file": "选择文件",
    "option.file.keys": "按 Enter 选择文件，也可以拖放或粘贴。",
    yes: "是",
    no: "否",
    "wrong.required": "请填写“{option}”。",
    "wrong.integer": "“{option}”必须是整数。",
    "wrong.number": "“{option}”必须是数字。",
    "wrong.between": "“{option}”必须在 {min} 到 {max} 之间。",
    "wrong.atleast": "“{option}”不能小于 {min}。",
    "wrong.atmost": "“{option}”不能大于 {max}。",
    "wrong.short": "“{option}”至少需要 {min} 个字符。",
    "wrong.long": "“{option}”最多 {max} 个字符。",
    "wrong.choice": "请从列表中选择“{option}”。",
    "wrong.large": "“{name}”太大了，这里的文件不能超过 {limit}。",
    "wrong.network": "无法连接到房间，什么也没有发送。",
    "wrong.refused": "房间拒绝了这次请求。",
    "select.placeholder": "请选择…",
    "wrong.count": "“{option}”请选择 {min} 到 {max} 项。",
    "form.close": "关闭，不提交",
    "form.cancel": "取消",
    "form.send": "提交",
    "form.files": "选择文件",
    "nav.direct": "私信",
    "nav.elsewhere": "没有机器人的服务器",
    "bot.write": "给 {bot} 发私信",
    "direct.topic": "这里只有你和 {bot} 能看到。",
    "elsewhere.topic": "{bot} 不是这里的成员，只能由成员自己带来使用。",
    "thread.in": "{channel} 中的子区",
    "thread.open": "打开子区 {name}",
    "thread.archived": "已归档",
    "system.pinned": "{person} 标注了一条消息。",
    "system.thread": "{person} 创建了子区：",
    "system.starter": "这个子区围绕上面的消息展开。",
    "message.react": "添加反应",
    "message.react.with": "用 {emoji} 回应",
    "message.reacted": "{emoji}，来自 {people}",
    "rights.title": "{person} 的权限",
    "rights.close": "关闭",
    "rights.owner": "服务器所有者，拥有全部权限；身份组仍可更改。",
    "rights.note": "开关这些权限，看看机器人如何应对。",
    "rights.role": "身份组：{role}",
    "rights.is.owner": "所有者",
    "rights.without": "不可：{right}",
    "may.USE_APPLICATION_COMMANDS": "使用命令",
    "may.SEND_MESSAGES": "发送消息",
    "may.ATTACH_FILES": "上传文件",
    "may.ADD_REACTIONS": "添加反应",
    "may.CREATE_PUBLIC_THREADS": "创建子区",
    "may.MANAGE_MESSAGES": "管理消息",
    "may.MANAGE_GUILD": "管理服务器",
    "replying.ping": "提及对方",
    "replying.silent": "不提及对方",
    "text.mute": "你不能在 {channel} 发言",
    "day.today": "今天",
    "day.yesterday": "昨天",
    unread: "有新消息",
  },
};

const LOCALES = { en: "en-US", zh: "zh-CN" };
const KEY = "mindjam.language";
const listeners = new Set();
let language = remembered() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept in WORDS ? kept : null;
  } catch {
    return null; // storage may be switched off
  }
}

/** Discord's name for the room's language. */
export const locale = () => LOCALES[language];

/** The words for a key, with `{names}` filled in. */
export function t(key, values = {}) {
  return (WORDS[language][key] ?? key).replace(
    /\{(\w+)\}/g,
    (whole, name) => values[name] ?? whole,
  );
}

/** A command's, option's or choice's field (`name`, `description`) in the room's language. */
export function localized(thing, field = "name") {
  const found = thing[`${field}_localizations`] ?? {};
  const close = Object.keys(found).find((code) => code.split("-")[0] === language);
  return found[locale()] ?? found[close] ?? thing[field] ?? "";
}

/** Switch to the other language, tell everybody, and remember it. */
export function toggleLanguage() {
  language = language === "en" ? "zh" : "en";
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // not remembered, still switched
  }
  applyLanguage();
}

/** Call `listener` now and after every change of language. */
export function onLanguage(listener) {
  listeners.add(listener);
  listener();
}

/** Translate the static page (`data-text`, `data-label`) and tell the listeners. */
export function applyLanguage() {
  document.documentElement.lang = locale();
  for (const node of document.querySelectorAll("[data-text]"))
    node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.matches("button")) node.title = t(node.dataset.label);
  }
  for (const listener of listeners) listener();
}
