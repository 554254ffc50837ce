"""The token stays on one host, answers stay within bounds, and refusals are final."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mlci_action.adapters import github_http
from mlci_action.adapters.github_api import ACTIONS_BOT, GitHubApi, IssueComment, PullRequest
from mlci_action.adapters.github_http import AnswerLost, GitHubHttp, NotNow
from mlci_action.adapters.network import Network
from mlci_action.errors import GitHubError

TOKEN = "stand-in-token"
OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


class OneHost:
    """Plays scripted answers, one a connection, and keeps what it was asked."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        # Whoever waits in accept() is woken by a last connection.
        self.answers = []
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if not self.answers:
                    return
                self.asked.append(_request(connection))
                connection.sendall(self.answers.pop(0))


def _request(connection: socket.socket) -> str:
    """One whole request; its body may come in a packet of its own."""
    if not connection.recv(1, socket.MSG_PEEK).isalpha():
        return "this is TLS"
    with connection.makefile("rb") as stream:
        head = ""
        while not head.endswith("\r\n\r\n") and (line := stream.readline()):
            head += line.decode("latin-1")
        length = re.search(r"(?i)\r\ncontent-length: (\d+)", head)
        return head + (stream.read(int(length[1])).decode() if length else "")


@contextmanager
def host(*answers: str | bytes) -> Iterator[OneHost]:
    playing = OneHost([a.encode() if isinstance(a, str) else a for a in answers])
    playing.start()
    try:
        yield playing
    finally:
        playing.stop()


def ok(body: str, headers: str = "") -> str:
    return f"{OK}{headers}Content-Length: {len(body)}\r\n\r\n{body}"


def redirect(location: str, status: str = "301 Moved") -> str:
    return f"HTTP/1.0 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"


def no_sleep(_seconds: float) -> None:
    """Time does not matter here."""


def client(url: str, *, token: str = TOKEN, network: Network | None = None) -> GitHubHttp:
    return GitHubHttp(
        url, token, network=network, sleep=no_sleep, now=lambda: 0.0, timeout_seconds=(2.0, 2.0)
    )


def api(url: str) -> GitHubApi:
    return GitHubApi(client(url), "acme/consumer")


COMMENT = '{"id": 5, "user": {"login": "octocat"}, "body": "hi", "html_url": "https://x/5"}'


def test_a_renamed_repository_is_followed_on_the_same_host() -> None:
    with host(redirect("/repositories/1/pulls/7"), ok('{"a": 1}')) as there:
        assert client(there.url).send("GET", f"{there.url}/old").value == {"a": 1}
        assert there.asked[1].startswith("GET /repositories/1/pulls/7 ")
        assert f"Bearer {TOKEN}" in there.asked[1]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_the_token_never_follows_a_redirect_to_another_host(status: str) -> None:
    with host(ok("{}")) as elsewhere, host(redirect(f"{elsewhere.url}/x", status)) as there:
        with pytest.raises(GitHubError, match="where the token must not go"):
            client(there.url).send("GET", f"{there.url}/x")
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "location", ["https://127.0.0.1/x", "//127.0.0.1/x", "http://[::1/x", "file:///etc/passwd"]
)
def test_another_scheme_or_port_is_another_host(location: str) -> None:
    with (
        host(redirect(location)) as there,
        pytest.raises(GitHubError, match=r"the token must not go|is not an address|be made"),
    ):
        client(there.url).send("GET", f"{there.url}/x")


def test_a_write_follows_307_as_the_write_it_was_and_nothing_else() -> None:
    with host(redirect("/new", "307 Temporary"), ok(COMMENT)) as there:
        assert api(there.url).create_comment(7, "hi").id == 5
        assert there.asked[1].startswith("POST /new ")
        assert there.asked[1].endswith('{"body": "hi"}')
    with (
        host(redirect("/new")) as there,
        pytest.raises(GitHubError, match="POST was redirected with 301"),
    ):
        api(there.url).create_comment(7, "hi")


def test_redirects_that_never_end_are_ended() -> None:
    with (
        host(*[redirect("/x")] * 4) as there,
        pytest.raises(GitHubError, match="redirected too often"),
    ):
        client(there.url).send("GET", f"{there.url}/x")


def test_the_next_page_on_another_host_is_not_fetched() -> None:
    link = 'Link: <https://evil.example/page2>; rel="next"\r\n'
    with host(ok("[]", link)) as there, pytest.raises(GitHubError, match=r"evil\.example"):
        api(there.url).list_comments(7)


def test_pages_that_never_end_are_cut_and_it_is_said() -> None:
    with host() as there:
        link = f'Link: <{there.url}/again>; rel="next"\r\n'
        there.answers += [ok(f"[{COMMENT}]", link).encode()] * 3
        listed = GitHubApi(client(there.url), "acme/consumer", max_pages=3).list_comments(7)

    assert listed.complete is False
    assert (
        listed.comments == (IssueComment(id=5, author="octocat", body="hi", url="https://x/5"),) * 3
    )


def test_an_answer_larger_than_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_http, "MAX_ANSWER_BYTES", 1000)
    with (
        host(ok(f'"{"x" * 2000}"')) as there,
        pytest.raises(GitHubError, match="the answer is larger than 1000 bytes"),
    ):
        client(there.url).send("GET", f"{there.url}/x")


def test_json_that_stops_half_way_is_asked_for_again() -> None:
    with host(ok('{"a": '), ok('{"a": 1}')) as there:
        assert client(there.url).send("GET", f"{there.url}/x").value == {"a": 1}


def test_a_page_that_is_not_json_is_refused_at_once() -> None:
    """A proxy's login page is no answer that a retry would mend."""
    page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    with host(page) as there, pytest.raises(GitHubError, match="the answer is not JSON"):
        client(there.url).send("GET", f"{there.url}/x")


def test_deeply_nested_json_is_no_crash() -> None:
    with host(*[ok("[" * 200_000)] * 6) as there, pytest.raises(NotNow, match="cut short"):
        client(there.url).send("GET", f"{there.url}/x")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422])
def test_a_refusal_is_final_and_asked_once(status: int) -> None:
    answer = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n"
    with host(answer, answer) as there:
        with pytest.raises(GitHubError) as caught:
            client(there.url).send("GET", f"{there.url}/x")
        assert len(there.asked) == 1
    assert caught.value.status == status
    assert str(caught.value) == f"GitHub answered {status}"


def test_a_write_is_sent_again_only_when_it_never_left() -> None:
    with host() as gone:
        address = gone.url
    with pytest.raises(NotNow, match="gave up: the connection to"):
        client(address).send("POST", f"{address}/x", {})
    with host(b"", b"") as there:
        with pytest.raises(AnswerLost):
            client(there.url).send("POST", f"{there.url}/x", {})
        assert len(there.asked) == 1


def test_time_lost_in_failed_tries_counts_as_waiting() -> None:
    times = iter(float(100 * tick) for tick in range(20))
    with host(b"", b"", b"") as there:
        http = GitHubHttp(there.url, TOKEN, sleep=no_sleep, now=lambda: next(times))
        with pytest.raises(NotNow):
            http.send("GET", f"{there.url}/x")
        assert len(there.asked) == 2


@pytest.mark.parametrize("token", ["two words", "line\nend", "nul\x00", "ümlaut"])
def test_a_token_that_could_break_a_header_is_refused_unseen(token: str) -> None:
    with pytest.raises(GitHubError) as caught:
        client("https://api.github.com", token=token)
    assert token not in str(caught.value)


def test_a_line_end_around_the_token_is_taken_off() -> None:
    with host(ok("{}")) as there:
        client(there.url, token=f" {TOKEN}\n").send("GET", f"{there.url}/x")
        assert f"Authorization: Bearer {TOKEN}\r\n" in there.asked[0]


@pytest.mark.parametrize("url", ["", "api.github.com", "ftp://x", "https://", "http://x:99999"])
def test_an_address_that_is_none_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(GitHubError, match="is not an address") as caught:
        client(url)
    assert caught.value.hint == "for example https://api.github.com"


def test_certificates_that_cannot_be_read_are_refused_at_once() -> None:
    network = Network(ca_bundle="/nowhere/company.pem")
    with pytest.raises(GitHubError, match="REQUESTS_CA_BUNDLE cannot be read"):
        client("https://127.0.0.1:1", network=network).send("GET", "https://127.0.0.1:1/x")


def test_a_certificate_that_is_not_trusted_is_refused_at_once() -> None:
    with host(b"this is no TLS\r\n\r\n") as there:
        address = there.url.replace("http:", "https:")
        with pytest.raises(GitHubError, match="is not trusted") as caught:
            client(address).send("GET", f"{address}/x")
        assert len(there.asked) == 1
    assert caught.value.hint.startswith("set REQUESTS_CA_BUNDLE")


def test_a_proxy_is_used() -> None:
    with host(ok('{"login": "hubot"}')) as proxy:
        network = Network(proxies={"http": proxy.url})
        http = client("http://api.internal.example", network=network)
        assert GitHubApi(http, "acme/consumer").whoami() == "hubot"
        assert proxy.asked[0].startswith("GET http://api.internal.example/user ")


def test_a_proxy_that_is_not_there_is_named() -> None:
    with host() as gone:
        network = Network(proxies={"http": gone.url})
    http = client("http://api.internal.example", network=network)
    with pytest.raises(NotNow, match=r"the proxy before http://api\.internal\.example:80 refused"):
        http.send("POST", "http://api.internal.example/x", {})


def test_a_proxy_address_that_is_none_is_refused_at_once() -> None:
    network = Network(proxies={"http": "http://:bad"})
    with pytest.raises(GitHubError, match="cannot even be made"):
        client("http://api.internal.example", network=network).send(
            "GET", "http://api.internal.example/x"
        )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("[]", "not an object"),
        ('{"login": 7}', "not a user"),
    ],
)
def test_an_answer_of_another_shape_is_no_crash(body: str, message: str) -> None:
    with host(ok(body)) as there, pytest.raises(GitHubError, match=message):
        api(there.url).whoami()


@pytest.mark.parametrize("body", ["{}", '{"number": 7, "head": {"sha": null}}', '{"number": "7"}'])
def test_a_pull_request_of_another_shape_is_no_crash(body: str) -> None:
    with host(ok(body)) as there, pytest.raises(GitHubError, match="not a pull request"):
        api(there.url).get_pull(7)


@pytest.mark.parametrize(
    ("body", "message"), [("{}", "not a list of comments"), ("[[]]", "not a comment")]
)
def test_comments_of_another_shape_are_no_crash(body: str, message: str) -> None:
    with host(ok(body)) as there, pytest.raises(GitHubError, match=message):
        api(there.url).list_comments(7)


def test_a_pull_request_whose_fork_was_deleted_has_no_head_repository() -> None:
    body = '{"number": 7, "state": "closed", "head": {"sha": "abc", "repo": null}}'
    with host(ok(body)) as there:
        assert api(there.url).get_pull(7) == PullRequest(
            number=7, head_sha="abc", head_repository=None, is_open=False
        )


def test_a_workflows_own_token_is_the_actions_bot() -> None:
    with host("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as there:
        assert api(there.url).whoami() == ACTIONS_BOT


def test_deleting_what_is_gone_is_done() -> None:
    with host("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as there:
        api(there.url).delete_comment(5)
        assert there.asked[0].startswith("DELETE /repos/acme/consumer/issues/comments/5 ")


def test_what_is_shown_of_a_client_is_its_address() -> None:
    http = client("https://api.github.com/")

    assert repr(http) == "GitHubHttp('https://api.github.com')"
    assert repr(GitHubApi(http, "acme/consumer")) == (
        "GitHubApi('https://api.github.com', repository='acme/consumer')"
    )


FILE = "application/octet-stream"


def test_a_file_on_another_host_is_located_without_the_token() -> None:
    with host() as storage, host(redirect(f"{storage.url}/x?sig=1", "302 Found")) as there:
        found = client(there.url).locate(f"{there.url}/zip", accept=FILE)
        assert found.url == f"{storage.url}/x?sig=1"
        assert "Authorization" not in found.headers
        assert storage.asked == []
        assert f"Accept: {FILE}" in there.asked[0]


def test_a_file_that_the_api_gives_itself_is_asked_of_it_with_the_token() -> None:
    answer = "HTTP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\nnot read"
    with host(redirect("/moved/zip"), answer) as there:
        found = client(there.url).locate(f"{there.url}/zip", accept=FILE)
        assert found.url == f"{there.url}/zip"
        assert found.headers["Authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in repr(found)


def test_a_file_is_located_on_the_apis_own_host_alone() -> None:
    with host() as there, pytest.raises(GitHubError, match="where the token must not go"):
        client("https://api.github.com").locate(f"{there.url}/zip", accept=FILE)


def test_a_refusal_is_final_for_a_file_too() -> None:
    gone = 'HTTP/1.0 410 Gone\r\nContent-Length: 17\r\n\r\n{"message":"old"}'
    with host(gone) as there, pytest.raises(GitHubError, match="410: old"):
        client(there.url).locate(f"{there.url}/zip", accept=FILE)
