"""The words of `baseline.from`."""

from __future__ import annotations

import pytest

from mlci_action.domain.sources import GitSource, PathSource, parse_source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("models/old.joblib", PathSource(pattern="models/old.joblib")),
        ("runs/*/model.pkl", PathSource(pattern="runs/*/model.pkl")),
        ("/abs/with space.bin", PathSource(pattern="/abs/with space.bin")),
        ("artifacts/model.bin", PathSource(pattern="artifacts/model.bin")),
        ("gitlab/model.bin", PathSource(pattern="gitlab/model.bin")),
        ("git:base:models/m.joblib", GitSource(ref="base", path="models/m.joblib")),
        ("git:origin/main:m.joblib", GitSource(ref="origin/main", path="m.joblib")),
        ("git:v1.0:a:b.joblib", GitSource(ref="v1.0", path="a:b.joblib")),
    ],
)
def test_a_source_is_read_and_written_back(text: str, source: PathSource | GitSource) -> None:
    assert parse_source(text) == source
    assert str(source) == text


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_source_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a baseline source is empty"):
        parse_source(text)


@pytest.mark.parametrize("text", ["git:", "git:base", "git:base:", "git::m.joblib"])
def test_a_git_source_names_a_ref_and_a_path(text: str) -> None:
    with pytest.raises(ValueError, match="is not git:REF:PATH"):
        parse_source(text)


@pytest.mark.parametrize(
    "ref",
    ["-x", "--upload-pack=sh", "a b", "a\nb", "a..b", "a@{1}", "a~1", "a^", "a?", "a[b", "a\\b"],
)
def test_a_ref_that_git_could_take_for_something_else_is_refused(ref: str) -> None:
    with pytest.raises(ValueError, match="is not a git ref"):
        parse_source(f"git:{ref}:m.joblib")


@pytest.mark.parametrize(
    "path", ["./m", "a//m", "a/./m", "/etc/passwd", "-x", "../m", "a/../../m", "a\nb"]
)
def test_a_path_outside_the_repository_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is not a path inside the repository"):
        parse_source(f"git:main:{path}")


@pytest.mark.parametrize(
    "text",
    [
        "artifact",
        "artifact:model",
        "release",
        "release:v1:model.joblib",
        "mlflow:models:/credit@champion",
        "dvc:models/m",
        "s3://bucket/m",
        "gs://bucket/m",
        "az://c/m",
        "abfs://c/m",
        "abfss://c/m",
        "http://host/m",
        "https://host/m",
        "release:\nx",
    ],
)
def test_a_source_that_is_not_built_yet_is_no_path(text: str) -> None:
    """As a path it would never exist, and every run would have no baseline."""
    with pytest.raises(ValueError, match="is not available in this version"):
        parse_source(text)
