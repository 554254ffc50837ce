"""What is in a release, and how does a file get into one?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from mlci_action.adapters.github_http import AnswerLost, GitHubHttp, NotNow, Upload
from mlci_action.errors import GitHubError
from mlci_action.rendering.plain import one_line

_PER_PAGE = 100
_MAX_PAGES = 10  # a release holds at most 1,000 assets
_MAX_ASSET_BYTES = 2 * 2**30 - 1
_TRIES = 3
_UPLOADED = "uploaded"
# GitHub gives a file with any other name one of its own choice.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_WRITE_HINT = "the token needs `permissions: contents: write`"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """One file of a release. digest: `sha256:...`, None where GitHub has none; url: the API's."""

    id: int
    name: str
    n_bytes: int
    digest: str | None
    state: str
    url: str
    created: str

    @property
    def is_whole(self) -> bool:
        """Whether its upload came to its end."""
        return self.state == _UPLOADED


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release. target: the branch or commit that its tag was made from; url: for a reader."""

    id: int
    tag: str
    target: str
    upload_url: str
    url: str
    published: str | None = None


class GitHubReleases:
    """The releases of one repository.

    Every method raises GitHubError, with the status where there was an answer, and only after the
    retries of `GitHubHttp`. Everything may be done twice: what is there already is not an error.
    """

    def __init__(self, http: GitHubHttp, repository: str) -> None:
        self.http = http
        self.repository = repository

    def __repr__(self) -> str:
        return f"GitHubReleases({self.http.base_url!r}, repository={self.repository!r})"

    def get_release(self, tag: str | None = None) -> Release | None:
        """The release of that tag, or the latest; None when there is none, or none to be seen."""
        which = "latest" if tag is None else f"tags/{quote(tag, safe='')}"
        try:
            return _release(self._object("GET", self._url(f"releases/{which}")))
        except GitHubError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def create_release(self, tag: str, target_commit: str, *, text: str = "") -> Release:
        """A new release whose tag is made at that commit; the one that is there, where one is."""
        body = {"tag_name": tag, "target_commitish": target_commit, "name": tag, "body": text}
        try:
            return _release(self._object("POST", self._url("releases"), body))
        except GitHubError as error:
            # The answer was lost, or somebody else was faster: either way it may be there now.
            if isinstance(error, AnswerLost) or error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
                made = self.get_release(tag)
                if made is not None:
                    return made
            raise _for_writing(error) from None

    def list_assets(self, release: Release) -> tuple[Asset, ...]:
        """All files of a release, over all pages, half-uploaded ones too."""
        url: str | None = self._url(f"releases/{release.id}/assets?per_page={_PER_PAGE}")
        assets: list[Asset] = []
        for _ in range(_MAX_PAGES):
            if url is None:
                break
            answer = self.http.send("GET", url)
            if not isinstance(answer.value, list):
                raise _unexpected("a list of files")
            assets += [_asset(item) for item in answer.value]
            url = self.http.same_origin(answer.next_url) if answer.next_url else None
        return tuple(assets)

    def upload_asset(self, release: Release, name: str, path: Path, content_type: str) -> Asset:
        """The file at `path` as a file of the release, whole.

        A file of that name with the same bytes is left as it is; GitHubError for one with others.
        What an upload left that broke off is deleted first.
        """
        content = _content(name, path)
        address = release.upload_url.partition("{")[0]
        url = f"{self.http.upload_origin(address)}?{urlencode({'name': name})}"
        for tries_left in reversed(range(_TRIES)):
            found = next((one for one in self.list_assets(release) if one.name == name), None)
            if found is not None and found.is_whole:
                return content.must_be(found)
            if found is not None:
                self.delete_asset(found)
            body = Upload(path=path, content_type=content_type)
            try:
                return content.must_be(_asset(self._object("POST", url, body)))
            except AnswerLost:
                if not (tries_left and self.http.pause(1.0)):
                    raise
            except GitHubError as error:
                # 422: a file of that name is there by now; the list says which.
                if error.status != HTTPStatus.UNPROCESSABLE_ENTITY or not tries_left:
                    raise _for_writing(error) from None
        raise GitHubError(f"{name} could not be uploaded")

    def rename_asset(self, asset: Asset, name: str) -> Asset:
        """The file under another name, which must be free."""
        try:
            return _asset(self._object("PATCH", self._asset_url(asset), {"name": name}))
        except NotNow:
            raise
        except GitHubError as error:
            raise _for_writing(error) from None

    def delete_asset(self, asset: Asset) -> None:
        """Make the file not be there; one that somebody else has deleted meanwhile is fine."""
        try:
            self.http.send("DELETE", self._asset_url(asset))
        except GitHubError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise _for_writing(error) from None

    def _asset_url(self, asset: Asset) -> str:
        return self._url(f"releases/assets/{asset.id}")

    def _url(self, path: str) -> str:
        return f"{self.http.base_url}/repos/{self.repository}/{path}"

    def _object(
        self, method: str, url: str, body: Mapping[str, Any] | Upload | None = None
    ) -> dict[str, Any]:
        value = self.http.send(method, url, body).value
        if not isinstance(value, dict):
            raise _unexpected("an object")
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class _Content:
    name: str
    n_bytes: int
    digest: str

    def must_be(self, asset: Asset) -> Asset:
        """The asset, where it is this very content under this name."""
        same = asset.digest in (None, self.digest) and asset.n_bytes == self.n_bytes
        if not (same and asset.is_whole and asset.name == self.name):
            raise GitHubError(
                f"the release has another {self.name}: {asset.n_bytes:,} bytes, not"
                f" {self.n_bytes:,} with digest {self.digest}",
                hint="files of a release are never overwritten: use another name, or delete it",
            )
        return asset


def _content(name: str, path: Path) -> _Content:
    """What is about to be uploaded; GitHubError for what GitHub would not take."""
    if not _NAME.fullmatch(name):
        raise GitHubError(f"{one_line(name, 100)!r} is no name for a file of a release")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            n_bytes = file.tell()
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise GitHubError(f"{name} cannot be read: {what}", hint="is it still there?") from None
    if not 0 < n_bytes <= _MAX_ASSET_BYTES:
        raise GitHubError(
            f"{name} has {n_bytes:,} bytes; a release takes files of 1 to {_MAX_ASSET_BYTES:,}",
            hint="promote large models to an object store",
        )
    return _Content(name=name, n_bytes=n_bytes, digest=f"sha256:{digest}")


def _release(value: Mapping[str, Any]) -> Release:
    match value:
        case {"id": int(number), "tag_name": str(tag), "upload_url": str(upload_url), **fields}:
            published = fields.get("published_at")
            return Release(
                id=number,
                tag=tag,
                target=str(fields.get("target_commitish") or ""),
                upload_url=upload_url,
                url=str(fields.get("html_url") or ""),
                published=published if isinstance(published, str) else None,
            )
        case _:
            raise _unexpected("a release")


def _asset(value: object) -> Asset:
    match value:
        case {
            "id": int(number),
            "name": str(name),
            "size": int(size),
            "state": str(state),
            **fields,
        }:
            digest = fields.get("digest")
            return Asset(
                id=number,
                name=name,
                n_bytes=size,
                digest=digest if isinstance(digest, str) else None,
                state=state,
                url=str(fields.get("url") or ""),
                created=str(fields.get("created_at") or ""),
            )
        case _:
            raise _unexpected("a file of a release")


def _for_writing(error: GitHubError) -> GitHubError:
    if isinstance(error, NotNow) or error.hint or error.status not in (401, 403, 404):
        return error
    return GitHubError(error.message, hint=_WRITE_HINT, status=error.status)


def _unexpected(what: str) -> GitHubError:
    return GitHubError(
        f"the API answered something that is not {what}", hint="check github-api-url"
    )
