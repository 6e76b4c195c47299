"""What alembic runs around the migrations: the connection comes from the studio."""

from __future__ import annotations

from alembic import context

from afterglow.studio.database.tables import Table

__all__ = ["migrate"]


def migrate() -> None:
    """Run the migrations on the connection that was handed over, inside its transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Table.metadata,
        transaction_per_migration=False,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate()
