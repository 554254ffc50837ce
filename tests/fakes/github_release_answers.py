"""What does a small GitHub know of releases? They and their files, in memory."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.fakes.github_answers import Request, Response, as_json, refusal
from tests.fakes.github_contract import github_contract
from tests.fakes.github_storage import Storage


@dataclass(kw_only=True, slots=True)
class SmallReleases:
    """The releases of the repository at `api`; their files lie in `storage`.

    no_digests: as for files of before June 2025, of which GitHub knows none.
    """

    api: str
    web: str
    storage: Storage
    no_digests: bool = False
    releases: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[int, bytes] = field(default_factory=dict)
    _next_id: int = 501

    def add(self, tag: str, *, target: str = "main") -> dict[str, Any]:
        """A new release without files; the newest is the latest."""
        release: dict[str, Any] = github_contract().example("release")
        number = self._number()
        release |= {
            "id": number,
            "tag_name": tag,
            "name": tag,
            "target_commitish": target,
            "assets": [],
            "url": f"{self.api}/releases/{number}",
            "html_url": f"{self.web}/releases/tag/{tag}",
            "assets_url": f"{self.api}/releases/{number}/assets",
            "upload_url": f"{self.api}/releases/{number}/assets{{?name,label}}",
        }
        self.releases.append(release)
        return release

    def add_asset(
        self, release: dict[str, Any], name: str, content: bytes, *, state: str = "uploaded"
    ) -> dict[str, Any]:
        """A new file of a release; GitHub's own name for it where its name is not plain."""
        asset: dict[str, Any] = github_contract().example("release-asset")
        number = self._number()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        asset |= {
            "id": number,
            "name": re.sub(r"[^A-Za-z0-9._-]", ".", name),
            "size": len(content),
            "digest": None if self.no_digests else digest,
            "state": state,
            "url": f"{self.api}/releases/assets/{number}",
            "created_at": f"2026-01-01T{number // 60 % 24:02}:{number % 60:02}:00Z",
        }
        release["assets"].append(asset)
        self.contents[number] = content
        return asset

    def answer(self, parts: list[str], request: Request) -> Response:
        """What GitHub says to a request below `releases`."""
        found: object = None
        match parts:
            case [] if request.method == "POST":
                return self._create(json.loads(request.body))
            case ["latest"]:
                found = self.releases[-1] if self.releases else None
            case ["tags", tag]:
                found = self._tagged(unquote(tag))
            case ["assets", number]:
                return self._one_asset(int(number), request)
            case [number, "assets"]:
                release = next((r for r in self.releases if str(r["id"]) == number), None)
                if release is not None:
                    return self._assets_of(release, request)
            case _:
                pass
        return as_json(200, found) if found else refusal(404, "Not Found")

    def _create(self, body: dict[str, Any]) -> Response:
        if self._tagged(body["tag_name"]) is not None:
            return _taken("Release", "tag_name")
        release = self.add(body["tag_name"], target=body.get("target_commitish", "main"))
        return as_json(201, release, {"Location": release["url"]})

    def _tagged(self, tag: str) -> dict[str, Any] | None:
        return next((r for r in self.releases if r["tag_name"] == tag), None)

    def _assets_of(self, release: dict[str, Any], request: Request) -> Response:
        query = parse_qs(request.query)
        if request.method == "POST":
            name = query["name"][0]
            if any(one["name"] == name for one in release["assets"]):
                return _taken("ReleaseAsset", "name")
            return as_json(201, self.add_asset(release, name, request.body))
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        headers = {}
        if len(release["assets"]) > page * size:
            after = f"{release['assets_url']}?per_page={size}&page={page + 1}"
            headers["Link"] = f'<{after}>; rel="next"'
        return as_json(200, release["assets"][(page - 1) * size : page * size], headers)

    def _one_asset(self, number: int, request: Request) -> Response:
        release, asset = next(
            ((r, a) for r in self.releases for a in r["assets"] if a["id"] == number),
            ({}, None),
        )
        if asset is None:
            return refusal(404, "Not Found")
        if request.method == "DELETE":
            release["assets"].remove(asset)
            return Response(status=204)
        if request.method == "PATCH":
            name = json.loads(request.body)["name"]
            if any(one["name"] == name for one in release["assets"]):
                return _taken("ReleaseAsset", "name")
            asset["name"] = name
        elif request.headers.get("Accept") == "application/octet-stream":
            where = self.storage.put(f"assets/{number}", self.contents[number])
            return Response(status=302, headers={"Location": where})
        return as_json(200, asset)

    def _number(self) -> int:
        number, self._next_id = self._next_id, self._next_id + 1
        return number


def _taken(resource: str, name: str) -> Response:
    error = {"resource": resource, "code": "already_exists", "field": name}
    docs = "https://docs.github.com/rest"
    body = {"message": "Validation Failed", "errors": [error], "documentation_url": docs}
    return as_json(422, body)
