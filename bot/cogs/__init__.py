"""The bot's commands, one topic a file."""
