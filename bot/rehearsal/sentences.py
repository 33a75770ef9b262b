"""What people are told when Discord's client does not let them do something."""

from typing import Any

from bot.rehearsal.refusals import Declined

_SENTENCES = {
    "unknown": ("/{command} has no option “{option}”.", "/{command} 没有选项“{option}”。"),
    "missing": ("“{option}” is required.", "必须填写“{option}”。"),
    "text": ("“{option}” must be text.", "“{option}”必须是文字。"),
    "whole": ("“{option}” must be a whole number.", "“{option}”必须是整数。"),
    "number": ("“{option}” must be a number.", "“{option}”必须是数字。"),
    "yes_no": ("“{option}” must be true or false.", "“{option}”必须为“是”或“否”。"),
    "low": ("“{option}” must be at least {limit}.", "“{option}”不能小于 {limit}。"),
    "high": ("“{option}” must be at most {limit}.", "“{option}”不能大于 {limit}。"),
    "short": (
        "“{option}” must have at least {limit} characters.",
        "“{option}”至少需要 {limit} 个字符。",
    ),
    "long": (
        "“{option}” must have at most {limit} characters.",
        "“{option}”不能超过 {limit} 个字符。",
    ),
    "choice": ("“{option}” must be one of: {limit}.", "“{option}”只能是：{limit}。"),
    "file": ("“{option}” needs a file.", "“{option}”需要一个文件。"),
    "too_large": (
        "The file for “{option}” is larger than {limit} MiB.",
        "“{option}”的文件超过了 {limit} MiB。",
    ),
    "nobody": ("“{option}” names nobody here.", "这里没有“{option}”所指的成员。"),
    "no_channel": ("“{option}” names no channel here.", "这里没有“{option}”所指的频道。"),
    "no_command": ("There is no command /{command}.", "没有命令 /{command}。"),
    "no_commands_here": (
        "You may not use commands in #{channel}.",
        "你不能在 #{channel} 使用命令。",
    ),
    "not_for_you": (
        "You may not use /{command} here.",
        "你不能在这里使用 /{command}。",
    ),
    "no_message": ("That message is not there.", "那条消息已不在。"),
    "no_button": ("That button cannot be pressed.", "那个按钮无法使用。"),
    "count": (
        "“{option}” takes {low} to {high}.",
        "“{option}”需要 {low} 到 {high} 项。",
    ),
    "values": ("Choose {low} to {high}.", "请选择 {low} 到 {high} 项。"),
    "not_offered": ("That is not among the choices.", "没有这个选项。"),
    "no_form": ("There is no form to send.", "没有可提交的表单。"),
    "no_posting": ("You may not post in #{channel}.", "你不能在 #{channel} 发言。"),
    "no_files": ("You may not attach files in #{channel}.", "你不能在 #{channel} 上传文件。"),
    "no_threads": ("You may not start threads in #{channel}.", "你不能在 #{channel} 创建子区。"),
    "no_reactions": (
        "You may not react in #{channel}.",
        "你不能在 #{channel} 添加反应。",
    ),
    "owner": (
        "The owner of the server may do everything.",
        "服务器的所有者拥有全部权限。",
    ),
    "empty": ("Write something or attach a file.", "请写点什么，或附上文件。"),
    "large": ("That file is too large for this server.", "文件太大，超过了服务器的限制。"),
    "much": (
        "A message may have 2000 characters and 10 files.",
        "一条消息最多 2000 个字符、10 个文件。",
    ),
    "gone": ("There is no channel {channel}.", "没有频道 {channel}。"),
    "no_role": ("“{option}” names no role here.", "这里没有“{option}”所指的身份组。"),
}


def decline(key: str, locale: str, **words: Any) -> Declined:
    """Return the refusal of a sentence in the person's language."""
    english, chinese = _SENTENCES[key]
    return Declined((chinese if locale.startswith("zh") else english).format(**words))
