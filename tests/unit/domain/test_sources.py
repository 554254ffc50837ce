"""The words of `baseline.from`."""

from __future__ import annotations

import pytest

from mlci_action.domain.sources import (
    ArtifactSource,
    BaselineSource,
    DvcSource,
    GitSource,
    HttpsSource,
    PathSource,
    RegistrySource,
    ReleaseSource,
    StoreSource,
    parse_source,
)


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
    ("text", "source", "written"),
    [
        ("artifact", ArtifactSource(name="mlci-bundle"), "artifact:mlci-bundle"),
        ("artifact:my model", ArtifactSource(name="my model"), "artifact:my model"),
        ("release", ReleaseSource(), "release:"),
        ("release:v1", ReleaseSource(tag="v1"), "release:v1"),
        ("release::m.joblib", ReleaseSource(asset="m.joblib"), "release::m.joblib"),
        (
            "release:v1:m.joblib",
            ReleaseSource(tag="v1", asset="m.joblib"),
            "release:v1:m.joblib",
        ),
        (
            "mlflow:models:/credit@champion",
            RegistrySource(name="credit", alias="champion"),
            "mlflow:models:/credit@champion",
        ),
        ("models:/credit/3", RegistrySource(name="credit", version=3), "mlflow:models:/credit/3"),
        ("dvc:models/m.joblib", DvcSource(path="models/m.joblib"), "dvc:models/m.joblib"),
        ("s3://bucket/m", StoreSource(url="s3://bucket/m"), "s3://bucket/m"),
        ("gs://bucket/m", StoreSource(url="gs://bucket/m"), "gs://bucket/m"),
        ("az://c/m", StoreSource(url="az://c/m"), "az://c/m"),
        ("https://host/m", HttpsSource(url="https://host/m"), "https://host/m"),
    ],
)
def test_a_source_that_is_elsewhere_is_read_and_written(
    text: str, source: BaselineSource, written: str
) -> None:
    assert parse_source(text) == source
    assert str(source) == written
    assert parse_source(written) == source


@pytest.mark.parametrize(
    "text",
    [
        "artifact:",
        "artifact:a/b",
        "release:v1:",
        "release:v1:a b",
        "release:\nx",
        "mlflow:",
        "mlflow:models:/credit",
        "models:/credit@",
        "dvc:",
        "dvc:../m",
        "https://user:secret@host/m",
        "https://",
        "https://host/a b",
    ],
)
def test_a_source_that_is_written_wrongly_is_no_path(text: str) -> None:
    """As a path it would never exist, and every run would have no baseline."""
    with pytest.raises(ValueError, match=r"write|for example|not a path|remove it"):
        parse_source(text)
