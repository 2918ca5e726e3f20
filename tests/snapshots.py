"""Texts that are kept as files in `__snapshots__`, for a person to read."""

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


def kept_as(ending: str) -> type[SingleFileSnapshotExtension]:
    """As a file with this ending, by which an editor knows it."""
    members = {"file_extension": ending, "_write_mode": WriteMode.TEXT}
    return type(f"As{ending.title()}", (SingleFileSnapshotExtension,), members)
