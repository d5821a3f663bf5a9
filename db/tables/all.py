"""Every table, imported once so that `Base.metadata` is whole. For migrations."""

from db.base import Base
from db.tables import accounts, datasets, mail, models, projects, runs, sharing, storage

__all__ = ["Base", "accounts", "datasets", "mail", "models", "projects", "runs", "sharing", "storage"]
