"""Every table, imported once so that `Base.metadata` is whole. For migrations."""

from db.base import Base
from db.tables import accounts, comments, datasets, mail, models, projects, runs, sharing, sources, storage

__all__ = ["Base", "accounts", "comments", "datasets", "mail", "models", "projects", "runs", "sharing", "sources", "storage"]
