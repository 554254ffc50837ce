"""Which part of GitHub's own API description do the tests hold us to?

    npm pack @octokit/openapi@23.0.2
    tar -xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
    python tests/contract/make_subset.py package/generated/api.github.com.json

writes `github-api-subset.json` beside this file: the operations below, word for word, with every
component that they refer to and nothing else. The same input gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SUBSET = Path(__file__).with_name("github-api-subset.json")
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "/repos/{owner}/{repo}": ("get",),
    "/repos/{owner}/{repo}/actions/artifacts": ("get",),
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}": ("get",),
    "/repos/{owner}/{repo}/actions/runs/{run_id}": ("get",),
    "/repos/{owner}/{repo}/branches/{branch}": ("get",),
    "/repos/{owner}/{repo}/compare/{basehead}": ("get",),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("get", "patch", "delete"),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("get",),
    "/repos/{owner}/{repo}/releases": ("post",),
    "/repos/{owner}/{repo}/releases/assets/{asset_id}": ("get", "patch", "delete"),
    "/repos/{owner}/{repo}/releases/latest": ("get",),
    "/repos/{owner}/{repo}/releases/tags/{tag}": ("get",),
    "/repos/{owner}/{repo}/releases/{release_id}/assets": ("get", "post"),
    "/user": ("get",),
}
# What GitHub answers wherever something goes wrong that the operation itself does not list.
ALWAYS = ("#/components/schemas/basic-error",)


def subset(document: Mapping[str, Any]) -> dict[str, Any]:
    """The operations of `document` that are used, and the components that they need."""
    paths = {
        path: {method: document["paths"][path][method] for method in methods}
        for path, methods in OPERATIONS.items()
    }
    needed: dict[tuple[str, str], Any] = {}
    waiting = [*_references(paths), *ALWAYS]
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if (kind, name) not in needed:
            needed[kind, name] = document["components"][kind][name]
            waiting += _references(needed[kind, name])
    components: dict[str, dict[str, Any]] = {}
    for (kind, name), component in sorted(needed.items()):
        components.setdefault(kind, {})[name] = component
    kept = {key: document[key] for key in ("openapi", "info", "servers")}
    return {**kept, "paths": paths, "components": components}


def as_text(document: Mapping[str, Any]) -> str:
    """The bytes that are committed."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def _references(node: object) -> Iterator[str]:
    match node:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for value in node.values():
                yield from _references(value)
        case list():
            for value in node:
                yield from _references(value)


if __name__ == "__main__":
    SUBSET.write_text(as_text(subset(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
