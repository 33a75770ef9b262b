"""How the database came to its shape, step by step; `alembic revision` adds a step."""
