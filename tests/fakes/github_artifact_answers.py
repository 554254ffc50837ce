"""What does a small GitHub know of artifacts? They and the runs that made them, in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.github_answers import REPOSITORY_ID, Request, Response, as_json, refusal
from tests.fakes.github_contract import github_contract
from tests.fakes.github_storage import Storage


@dataclass(kw_only=True, slots=True)
class SmallArtifacts:
    """The artifacts of the repository at `api`; their zips lie in `storage`."""

    api: str
    web: str
    storage: Storage
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    _next_id: int = 11

    def add(
        self,
        name: str,
        content: bytes,
        *,
        branch: str = "main",
        head_sha: str = "d" * 40,
        event: str = "push",
        conclusion: str | None = "success",
        head_repository_id: int = REPOSITORY_ID,
        **more: Any,  # noqa: ANN401 - whatever GitHub says of an artifact
    ) -> dict[str, Any]:
        """A new artifact of a run of its own; `content` is its zip."""
        artifact: dict[str, Any] = github_contract().example("artifact-paginated")["artifacts"][0]
        number, self._next_id = self._next_id, self._next_id + 1
        run_id = number + 1000
        artifact |= {
            "id": number,
            "name": name,
            "size_in_bytes": len(content),
            "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "created_at": f"2026-01-01T00:{number % 60:02}:00Z",
            "url": f"{self.api}/actions/artifacts/{number}",
            "archive_download_url": f"{self.api}/actions/artifacts/{number}/zip",
            "workflow_run": {
                "id": run_id,
                "repository_id": REPOSITORY_ID,
                "head_repository_id": head_repository_id,
                "head_branch": branch,
                "head_sha": head_sha,
            },
            **more,
        }
        run: dict[str, Any] = github_contract().example("workflow-run")
        run |= {"id": run_id, "event": event, "conclusion": conclusion, "head_sha": head_sha}
        run |= {"head_branch": branch, "html_url": f"{self.web}/actions/runs/{run_id}"}
        self.artifacts.append(artifact)
        self.runs[run_id] = run
        self.contents[number] = content
        return artifact

    def answer(self, parts: list[str], request: Request) -> Response:
        """What GitHub says to a request below `actions`."""
        match parts:
            case ["artifacts"]:
                return self._page(request)
            case ["artifacts", number, "zip"]:
                return self._zip(int(number), request)
            case ["runs", number] if int(number) in self.runs:
                return as_json(200, self.runs[int(number)])
            case _:
                return refusal(404, "Not Found")

    def _page(self, request: Request) -> Response:
        """Newest first, as GitHub lists them."""
        query = parse_qs(request.query)
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        names = query.get("name")
        named = [one for one in reversed(self.artifacts) if not names or one["name"] == names[0]]
        headers = {}
        if len(named) > page * size:
            asked = f"per_page={size}&page={page + 1}" + (f"&name={names[0]}" if names else "")
            headers["Link"] = f'<{self.api}/actions/artifacts?{asked}>; rel="next"'
        body = {"total_count": len(named), "artifacts": named[(page - 1) * size : page * size]}
        return as_json(200, body, headers)

    def _zip(self, number: int, request: Request) -> Response:
        artifact = next((one for one in self.artifacts if one["id"] == number), None)
        if artifact is None:
            return refusal(404, "Not Found")
        if request.headers.get("Authorization") is None:
            return refusal(401, "Requires authentication")
        if artifact["expired"]:
            return refusal(410, "Artifact has expired")
        where = self.storage.put(f"artifacts/{number}.zip", self.contents[number])
        return Response(status=302, headers={"Location": where})
