"""What do people upload as artifacts? Zips as actions/upload-artifact writes them, and worse."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def zipped_folder(folder: Path) -> bytes:
    """A zip of all files in a folder, flat."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return zipped({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})


def zip_with_link() -> bytes:
    """A zip whose one member is a link out of it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        member = zipfile.ZipInfo("model.joblib")
        member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return stream.getvalue()


def zip_with_twins() -> bytes:
    """A zip with two members of one name."""
    return zipped({"model-1.bin": b"one", "model-2.bin": b"two"}).replace(
        b"model-2.bin", b"model-1.bin"
    )
