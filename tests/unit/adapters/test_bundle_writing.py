"""A bundle appears whole or not at all, the same bytes for the same inputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlci_action.adapters.bundle_writing import _put_in_place, write_bundle
from mlci_action.adapters.bundles import read_bundle
from mlci_action.domain.bundle_names import ENVIRONMENT, MANIFEST, MLBOM, PROFILE, STATEMENT
from mlci_action.errors import BundleError
from tests.builders_bundle import MODEL, make_bundle, make_manifest

ROOT = Path(__file__).resolve().parents[3]
# Ends a child of its own at every n-th thing that it does with a file, or bounds its files' size.
_CHILD = """
import json, os, resource, sys
from pathlib import Path
from mlci_action.adapters.bundles import is_bundle, read_bundle
from mlci_action.errors import BundleError
from tests.builders_bundle import make_bundle

WATCHED = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.copyfile", "os.chmod"}
folder, what = Path(sys.argv[1]), sys.argv[2]

def write(limit):
    seen = [0]
    def watch(event, arguments):
        seen[0] += event in WATCHED
        if seen[0] > limit:
            os._exit(9)
    if what == "kill":
        sys.addaudithook(watch)
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        make_bundle(folder, model=b"another model" * 20)
    except (BundleError, OSError):
        os._exit(7)
    os._exit(0)

limit, ends, found, code = 0, [], set(), None
while code != 0:
    child = os.fork()
    if not child:
        write(limit)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ends.append(code)
    found.add(read_bundle(folder).digest if folder.exists() else None)
    limit += 1 if what == "kill" else 100
beside = sorted(path.name for path in folder.parent.iterdir())
print(json.dumps([ends, sorted(map(str, found)), beside]))
"""


def children(folder: Path, what: str) -> tuple[list[int], list[str], list[str]]:
    """How each child ended, the bundles that were there in between, what lies beside it at last."""
    command = [sys.executable, "-c", _CHILD, str(folder), what]
    environ = {**os.environ, "TMPDIR": str(folder.parent.parent)}
    ran = subprocess.run(
        command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True, timeout=300
    )
    ends, found, beside = json.loads(ran.stdout)
    return ends, found, beside


def test_wherever_a_write_is_killed_the_earlier_bundle_or_none_is_there(tmp_path: Path) -> None:
    earlier = make_bundle(tmp_path / "report" / "bundle")
    ends, found, beside = children(earlier.folder, "kill")
    assert len(ends) > 30
    assert set(ends) == {0, 9}
    assert earlier.digest in found
    assert set(found) <= {earlier.digest, read_bundle(earlier.folder).digest, "None"}
    assert beside == ["bundle"]


def test_a_full_disk_leaves_the_earlier_bundle(tmp_path: Path) -> None:
    earlier = make_bundle(tmp_path / "report" / "bundle")
    ends, found, beside = children(earlier.folder, "full")
    assert ends.count(7) > 5
    assert sorted(found) == sorted([earlier.digest, read_bundle(earlier.folder).digest])
    assert beside == ["bundle"]


def test_the_same_inputs_make_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "model.joblib"
    source.write_bytes(MODEL)
    one = make_bundle(tmp_path / "one", model=source)
    source.chmod(0o600)
    os.utime(source, (1, 1))
    two = make_bundle(tmp_path / "elsewhere" / "two", model=source)
    assert one.digest == two.digest
    names = sorted(path.name for path in one.folder.iterdir())
    assert names == sorted(path.name for path in two.folder.iterdir())
    for name in names:
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()


def test_nothing_of_a_bundle_says_when_or_where_it_was_made(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle")
    for name in (MANIFEST, MLBOM, STATEMENT):
        text = (made.folder / name).read_text(encoding="utf-8")
        assert [word for word in (str(tmp_path), "timestamp", "created_at") if word in text] == []


def test_a_bundle_that_cannot_be_put_in_place_leaves_the_earlier_one(tmp_path: Path) -> None:
    earlier = make_bundle(tmp_path / "bundle")
    with pytest.raises(FileNotFoundError):
        _put_in_place(tmp_path / "nothing", earlier.folder, aside=tmp_path / "aside")
    assert read_bundle(earlier.folder) == earlier


def test_the_manifest_names_every_other_file(tmp_path: Path) -> None:
    made = make_bundle(tmp_path / "bundle", predictions=None)
    assert [entry.path for entry in made.manifest.files] == [ENVIRONMENT, PROFILE]
    there = {path.name for path in made.folder.iterdir()}
    assert there == {"model.joblib", ENVIRONMENT, PROFILE, MANIFEST, MLBOM, STATEMENT}


def test_a_model_that_changed_after_it_was_judged_is_not_kept(tmp_path: Path) -> None:
    source = tmp_path / "model.joblib"
    source.write_bytes(MODEL + b"!")
    target = tmp_path / "report" / "bundle"
    earlier = make_bundle(target)
    for model, why in ((source, "no longer the model"), (tmp_path / "gone", "No such file")):
        with pytest.raises(BundleError, match=why):
            write_bundle(
                make_manifest(),
                model=model,
                profile="",
                predictions=None,
                environment="",
                train_profile=None,
                folder=target,
            )
    assert read_bundle(target) == earlier
    assert [path.name for path in target.parent.iterdir()] == ["bundle"]


def test_a_folder_of_somebody_elses_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    make_bundle(folder)
    other = tmp_path / "assets"
    other.mkdir()
    (other / "bundle.js").write_text("x", encoding="utf-8")
    with pytest.raises(BundleError, match="is no bundle"):
        make_bundle(other)
    assert [path.name for path in other.iterdir()] == ["bundle.js"]


def test_a_link_in_the_models_folder_is_not_followed(tmp_path: Path) -> None:
    """It could have been put there after the model was judged."""
    source = tmp_path / "risk"
    source.mkdir()
    (source / "MLmodel").write_text("x", encoding="utf-8")
    made = make_bundle(tmp_path / "bundle", model=source)
    (source / "MLmodel").unlink()
    (source / "MLmodel").symlink_to("/etc/hostname")
    with pytest.raises(BundleError, match="is a link"):
        write_bundle(
            made.manifest,
            model=source,
            profile="",
            predictions=None,
            environment="",
            train_profile=None,
            folder=tmp_path / "other",
        )
    assert not (tmp_path / "other").exists()
