"""Does a request or an answer agree with GitHub's own description of its API?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_schema_validator import OAS30Validator

from tests.contract.make_subset import SUBSET

_HOST = "https://api.github.com"
_BAD_REQUEST = 400


class Contract:
    """The description, as something that can be asked; its problems are sentences."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = _amended(document)
        self._openapi = OpenAPI.from_dict(self._document)

    def example(self, name: str) -> Any:  # noqa: ANN401 (any JSON)
        """A fresh copy of one of the description's own example answers."""
        return json.loads(json.dumps(self._document["components"]["examples"][name]["value"]))

    def request_problems(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Iterator[str]:
        """What of a request GitHub does not describe, unknown parameters and fields included."""
        request = _request(method, path, query, headers, body)
        problems = list(_sentences(self._openapi.iter_request_errors(request)))
        yield from problems
        if not problems:
            yield from self._undescribed(method, path, query, body)

    def response_problems(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> Iterator[str]:
        """What of an answer GitHub does not describe.

        A refusal that the operation does not list (401, 429, 5xx) has to be GitHub's `basic-error`.
        """
        listed = self._operation(method, path).get("responses", {})
        if status >= _BAD_REQUEST and str(status) not in listed:
            yield from self._not_a_basic_error(body)
            return
        request = _request(method, path, "", {}, b"")
        content_type = headers.get("Content-Type", "").partition(";")[0]
        response = MockResponse(body, status, dict(headers), content_type)
        yield from _sentences(self._openapi.iter_response_errors(request, response))

    def _undescribed(self, method: str, path: str, query: str, body: bytes) -> Iterator[str]:
        operation = self._operation(method, path)
        known = {self._resolved(item)["name"] for item in operation.get("parameters", [])}
        for name, _ in parse_qsl(query):
            if name not in known:
                yield f"unknown query parameter {name!r}"
        if body and "requestBody" not in operation:
            yield "a body that the operation does not take"
        elif body and "application/json" in operation["requestBody"]["content"]:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            for name in json.loads(body):
                if name not in schema["properties"]:
                    yield f"unknown field {name!r}"

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        for pattern, methods in self._document["paths"].items():
            if _fits(pattern, path) and method.lower() in methods:
                operation: Mapping[str, Any] = methods[method.lower()]
                return operation
        return {}

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        component: Mapping[str, Any] = self._document["components"][kind][name]
        return component

    def _not_a_basic_error(self, body: bytes) -> Iterator[str]:
        schema = self._document["components"]["schemas"]["basic-error"]
        value = json.loads(body)
        if "message" not in value:
            yield "a refusal without a message"
        for error in OAS30Validator(schema).iter_errors(value):
            yield error.message


@cache
def github_contract() -> Contract:
    """The committed subset; reading it takes a second, so once per process."""
    return Contract(json.loads(SUBSET.read_text(encoding="utf-8")))


def _amended(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description where it is known to differ from what GitHub answers."""
    amended: dict[str, Any] = json.loads(json.dumps(document))
    # A pull request whose fork was deleted has no head repository.
    head = amended["components"]["schemas"]["pull-request"]["properties"]["head"]
    head["properties"]["repo"] = {"$ref": "#/components/schemas/nullable-repository"}
    # The stand-in takes uploads itself, as a server of one's own does.
    upload = amended["paths"]["/repos/{owner}/{repo}/releases/{release_id}/assets"]["post"]
    del upload["servers"]
    # An upload that names a file which is there is refused like any other request.
    upload["responses"]["422"] = {"$ref": "#/components/responses/validation_failed"}
    return amended


def _request(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> MockRequest:
    return MockRequest(
        _HOST,
        method,
        path,
        args=dict(parse_qsl(query, keep_blank_values=True)),
        headers=dict(headers),
        data=body,
        content_type=_content_type(method, path, headers),
    )


def _content_type(method: str, path: str, headers: Mapping[str, str]) -> str:
    given = headers.get("Content-Type", "application/json").partition(";")[0]
    # A file is described as bytes, and its type as "the media type of the file".
    is_upload = method == "POST" and re.fullmatch(r".*/releases/\d+/assets", path)
    return "application/octet-stream" if is_upload else given


def _sentences(errors: Iterable[Exception]) -> Iterator[str]:
    for error in errors:
        cause = error.__cause__
        details = [item.message for item in getattr(cause, "schema_errors", ())]
        yield "; ".join([str(error) or repr(error), *(details or ([str(cause)] if cause else []))])


def _fits(pattern: str, path: str) -> bool:
    parts, given = pattern.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part == piece or (part.startswith("{") and bool(piece))
        for part, piece in zip(parts, given, strict=True)
    )
