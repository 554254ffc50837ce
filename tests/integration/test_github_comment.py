"""One comment per pull request and key, whatever GitHub does."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from mlci_action.adapters.github_api import GitHubApi
from mlci_action.adapters.github_comment import (
    MAX_BODY_CHARS,
    PERMISSIONS,
    CommentOutcome,
    CommentStatus,
    publish_comment,
)
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.github_http import GitHubHttp
from mlci_action.domain.outcomes import Verdict
from mlci_action.errors import GitHubError
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_server import ACTIONS_BOT, TOKEN, GitHubServer

HEAD = "a" * 40
COMMENTS = "/issues/7/comments$"
ONE_COMMENT = r"/issues/comments/\d+$"
CHANGE = Change(
    event_name="pull_request",
    repository="acme/consumer",
    sha="c" * 40,
    head_sha=HEAD,
    base_sha="b" * 40,
    pr_number=7,
    server_url="https://github.example",
    run_id=100,
    run_attempt=1,
)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """A GitHub with pull request 7; client and stand-in both keep to GitHub's description."""
    with GitHubServer() as server:
        server.add_pull(7, head_sha=HEAD)
        yield server
        assert server.violations == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(server: GitHubServer, clock: Clock) -> GitHubApi:
    return api_of(server, clock)


def api_of(server: GitHubServer, clock: Clock, *, max_pages: int = 30) -> GitHubApi:
    http = GitHubHttp(
        server.url, TOKEN, sleep=clock.sleep, now=clock.now, timeout_seconds=(2.0, 0.3)
    )
    return GitHubApi(http, "acme/consumer", max_pages=max_pages)


def publish(
    api: GitHubApi,
    body: str = "## the report",
    *,
    change: Change = CHANGE,
    key: str = "gate",
    mode: str = "always",
    verdict: Verdict = Verdict.PASS,
) -> CommentOutcome:
    return publish_comment(api, change, body, key=key, mode=mode, verdict=verdict)


def marker(verdict: str = "pass", *, key: str = "gate", run: str = "100/1", sha: str = HEAD) -> str:
    return f"<!-- mlci:v1 key={key} sha={sha} verdict={verdict} run={run} -->"


def bodies(server: GitHubServer) -> list[str]:
    return [comment["body"] for comment in server.comments]


def calls(server: GitHubServer, method: str) -> int:
    return sum(request.method == method for request in server.requests)


def test_the_first_report_becomes_a_comment_that_starts_with_its_marker(
    server: GitHubServer, api: GitHubApi
) -> None:
    outcome = publish(api)

    (comment,) = server.comments
    assert outcome == CommentOutcome(status=CommentStatus.CREATED, url=comment["html_url"])
    assert comment["body"] == f"{marker()}\n## the report"
    assert comment["user"]["login"] == ACTIONS_BOT


def test_the_second_report_changes_the_comment_in_place(
    server: GitHubServer, api: GitHubApi
) -> None:
    publish(api)
    outcome = publish(api, "## worse", change=replace(CHANGE, run_id=101), verdict=Verdict.FAIL)

    assert outcome.status is CommentStatus.UPDATED
    assert bodies(server) == [f"{marker('fail', run='101/1')}\n## worse"]


def test_a_comment_that_would_say_the_same_is_left_alone(
    server: GitHubServer, api: GitHubApi
) -> None:
    publish(api)
    server.comments[0]["body"] = server.comments[0]["body"].replace("\n", "\r\n") + "\r\n"
    outcome = publish(api, change=replace(CHANGE, run_id=101))

    assert outcome.status is CommentStatus.UNCHANGED
    assert outcome.url == server.comments[0]["html_url"]
    assert calls(server, "PATCH") == 0


def test_the_comment_is_found_on_the_third_page(server: GitHubServer, api: GitHubApi) -> None:
    for number in range(230):
        server.add_comment(7, f"me too, {number}")
    server.add_comment(7, f"{marker('fail')}\n## old", author=ACTIONS_BOT)
    outcome = publish(api)

    assert outcome.status is CommentStatus.UPDATED
    assert bodies(server)[230] == f"{marker()}\n## the report"
    assert len(server.comments) == 231


def test_beyond_the_page_limit_the_outcome_says_that_there_may_be_a_second_comment(
    server: GitHubServer, clock: Clock
) -> None:
    for number in range(101):
        server.add_comment(7, f"me too, {number}")
    outcome = publish(api_of(server, clock, max_pages=1))

    assert outcome.status is CommentStatus.CREATED
    assert outcome.note == "too many comments to look through; this may be a second"


def test_a_marker_that_somebody_else_pasted_is_not_ours(
    server: GitHubServer, api: GitHubApi
) -> None:
    server.add_comment(7, f"{marker()}\nall good, trust me", author="mallory")
    outcome = publish(api)

    assert outcome.status is CommentStatus.CREATED
    assert bodies(server) == [f"{marker()}\nall good, trust me", f"{marker()}\n## the report"]


def test_a_marker_below_the_first_line_is_not_ours(server: GitHubServer, api: GitHubApi) -> None:
    server.add_comment(7, f"somebody wrote:\n{marker()}", author=ACTIONS_BOT)

    assert publish(api).status is CommentStatus.CREATED


def test_a_comment_of_a_deleted_account_is_nobodys(server: GitHubServer, api: GitHubApi) -> None:
    server.add_comment(7, f"{marker()}\n## old", author="ghost")["user"] = None

    assert publish(api).status is CommentStatus.CREATED


def test_two_gates_in_one_pull_request_keep_two_comments(
    server: GitHubServer, api: GitHubApi
) -> None:
    publish(api, "## one", key="one")
    publish(api, "## two", key="two")
    publish(api, "## one again", key="one")

    assert bodies(server) == [
        f"{marker(key='one')}\n## one again",
        f"{marker(key='two')}\n## two",
    ]


def test_keys_that_differ_only_in_what_a_marker_cannot_hold_stay_apart(
    server: GitHubServer, api: GitHubApi
) -> None:
    publish(api, key="a b -->")
    publish(api, key="a\nb")

    first, second = (body.splitlines()[0] for body in bodies(server))
    assert first != second
    assert first.count("-->") == second.count("-->") == 1


def test_two_runs_that_race_leave_one_comment_with_the_later_report(
    server: GitHubServer, clock: Clock
) -> None:
    """Both list, both find nothing, both create; the older comment stays."""
    later = replace(CHANGE, run_id=101)
    raced: list[CommentOutcome] = []
    server.before("POST", COMMENTS, lambda: raced.append(publish(api_of(server, clock), "early")))
    outcome = publish(api_of(server, clock), "late", change=later)

    assert [raced[0].status, outcome.status] == [CommentStatus.CREATED, CommentStatus.UPDATED]
    assert bodies(server) == [f"{marker(run='101/1')}\nlate"]


def test_a_race_that_an_older_run_loses_leaves_the_later_report(
    server: GitHubServer, clock: Clock
) -> None:
    later = replace(CHANGE, run_id=101)
    server.before("POST", COMMENTS, lambda: publish(api_of(server, clock), "late", change=later))
    publish(api_of(server, clock), "early")

    assert bodies(server) == [f"{marker(run='101/1')}\nlate"]


def test_duplicates_of_earlier_runs_are_cleared_away(server: GitHubServer, api: GitHubApi) -> None:
    server.add_comment(7, f"{marker()}\n## first", author=ACTIONS_BOT)
    server.add_comment(7, f"{marker()}\n## second", author=ACTIONS_BOT)
    outcome = publish(api)

    assert outcome.status is CommentStatus.UPDATED
    assert bodies(server) == [f"{marker()}\n## the report"]


def test_a_duplicate_that_cannot_be_deleted_is_only_noted(
    server: GitHubServer, api: GitHubApi
) -> None:
    server.add_comment(7, f"{marker()}\n## first", author=ACTIONS_BOT)
    server.add_comment(7, f"{marker()}\n## second", author=ACTIONS_BOT)
    server.fail("DELETE", ONE_COMMENT, Fault(status=403))
    outcome = publish(api)

    assert outcome.status is CommentStatus.UPDATED
    assert outcome.note == "a second comment could not be deleted: GitHub answered 403: scripted"


def test_a_created_comment_counts_even_when_looking_for_a_race_fails(
    server: GitHubServer, api: GitHubApi
) -> None:
    server.before("POST", COMMENTS, lambda: server.fail("GET", COMMENTS, Fault(status=404)))
    outcome = publish(api)

    assert outcome.status is CommentStatus.CREATED
    assert outcome.url == server.comments[0]["html_url"]
    assert outcome.note.startswith("there may be a second comment")


def test_an_app_that_may_not_ask_for_its_name_still_keeps_one_comment(clock: Clock) -> None:
    """GET /user is forbidden to every app, so the name is learnt from the comment it has made."""
    with GitHubServer(login="acme-release[bot]") as server:
        server.add_pull(7, head_sha=HEAD)
        publish(api_of(server, clock), "one")
        outcome = publish(api_of(server, clock), "two")

        assert outcome == CommentOutcome(
            status=CommentStatus.UPDATED, url=server.comments[0]["html_url"]
        )
        assert bodies(server) == [f"{marker()}\ntwo"]
        assert server.violations == []


def test_a_persons_token_finds_the_persons_comment(clock: Clock) -> None:
    with GitHubServer(login="hubot") as server:
        server.add_pull(7, head_sha=HEAD)
        publish(api_of(server, clock), "one")
        publish(api_of(server, clock), "two")

        assert bodies(server) == [f"{marker()}\ntwo"]
        assert calls(server, "POST") == 1
        assert server.violations == []


def test_a_run_that_the_pull_request_has_left_behind_writes_nothing(
    server: GitHubServer, api: GitHubApi
) -> None:
    server.add_pull(7, head_sha="d" * 40)
    outcome = publish(api)

    assert outcome == CommentOutcome(
        status=CommentStatus.SKIPPED,
        note="no comment: the pull request is at dddddddddddd, this run judged another commit",
    )
    assert server.comments == []


def test_an_older_run_of_the_same_commit_does_not_overwrite_a_later_one(
    server: GitHubServer, api: GitHubApi
) -> None:
    publish(api, "late", change=replace(CHANGE, run_id=100, run_attempt=2))
    outcome = publish(api, "early")

    assert outcome.status is CommentStatus.SKIPPED
    assert outcome.note == "no comment: a later run has reported on this commit"
    assert bodies(server) == [f"{marker(run='100/2')}\nlate"]


def test_without_a_pull_request_nothing_is_asked_of_github(
    server: GitHubServer, api: GitHubApi
) -> None:
    outcome = publish(api, change=Change(event_name="schedule"))

    assert outcome == CommentOutcome(
        status=CommentStatus.SKIPPED,
        note="no comment: the event 'schedule' belongs to no pull request",
    )
    assert server.requests == []


def test_mode_changes_writes_when_the_verdict_differs_from_the_one_shown(
    server: GitHubServer, api: GitHubApi
) -> None:
    statuses = [
        publish(api, body, mode="changes", verdict=verdict).status
        for body, verdict in [
            ("one", Verdict.PASS),
            ("two", Verdict.PASS),
            ("three", Verdict.FAIL),
            ("four", Verdict.FAIL),
        ]
    ]

    assert statuses == [
        CommentStatus.CREATED,
        CommentStatus.UNCHANGED,
        CommentStatus.UPDATED,
        CommentStatus.UNCHANGED,
    ]
    assert bodies(server) == [f"{marker('fail')}\nthree"]


def test_mode_failures_is_silent_about_a_pass_and_turns_an_old_failure_green(
    server: GitHubServer, api: GitHubApi
) -> None:
    statuses = [
        publish(api, body, mode="failures", verdict=verdict).status
        for body, verdict in [
            ("one", Verdict.PASS),
            ("two", Verdict.INCONCLUSIVE),
            ("three", Verdict.PASS),
        ]
    ]

    assert statuses == [CommentStatus.SKIPPED, CommentStatus.CREATED, CommentStatus.UPDATED]
    assert bodies(server) == [f"{marker()}\nthree"]


def test_an_unknown_mode_is_our_bug(api: GitHubApi) -> None:
    with pytest.raises(ValueError, match="unknown comment mode: 'sometimes'"):
        publish(api, mode="sometimes")


def test_a_body_longer_than_github_takes_is_cut_at_a_line_and_says_so(
    server: GitHubServer, api: GitHubApi
) -> None:
    outcome = publish(api, "0123456789\n" * 10_000)

    (body,) = bodies(server)
    assert outcome.status is CommentStatus.CREATED
    assert len(body) <= MAX_BODY_CHARS
    assert body.startswith(marker())
    assert body.endswith(
        "0123456789\n\n*This comment was cut here: it is longer than GitHub takes.*\n"
    )


def test_text_that_is_no_unicode_is_posted_all_the_same(
    server: GitHubServer, api: GitHubApi
) -> None:
    assert publish(api, "models/\udcff.joblib").status is CommentStatus.CREATED
    assert bodies(server) == [f"{marker()}\nmodels/?.joblib"]


def test_a_comment_deleted_since_it_was_listed_is_made_anew(
    server: GitHubServer, api: GitHubApi
) -> None:
    publish(api, "one")
    server.before("PATCH", ONE_COMMENT, server.comments.clear)
    outcome = publish(api, "two")

    assert outcome.status is CommentStatus.CREATED
    assert bodies(server) == [f"{marker()}\ntwo"]


FORBIDDEN, FAILED = CommentStatus.FORBIDDEN, CommentStatus.FAILED
CREATED, UPDATED = CommentStatus.CREATED, CommentStatus.UPDATED
SECONDARY = "You have exceeded a secondary rate limit"


@pytest.mark.parametrize(
    ("method", "path", "fault", "times", "status", "slept"),
    [
        ("GET", "/user$", Fault(status=401, message="Bad credentials"), 1, FORBIDDEN, []),
        ("GET", "/pulls/7$", Fault(status=404, message="Not Found"), 1, FORBIDDEN, []),
        ("GET", COMMENTS, Fault(status=401), 1, FORBIDDEN, []),
        ("POST", COMMENTS, Fault(status=401), 1, FORBIDDEN, []),
        ("POST", COMMENTS, Fault(status=403), 1, FORBIDDEN, []),
        ("POST", COMMENTS, Fault(status=404), 1, FORBIDDEN, []),
        ("POST", COMMENTS, Fault(status=410), 1, FAILED, []),
        ("POST", COMMENTS, Fault(status=422), 1, FAILED, []),
        ("POST", COMMENTS, Fault(status=429), 1, CREATED, [60.0]),
        ("POST", COMMENTS, Fault(status=429, headers={"Retry-After": "7"}), 1, CREATED, [7.0]),
        ("POST", COMMENTS, Fault(status=403, headers={"Retry-After": "7"}), 2, CREATED, [7.0, 7.0]),
        ("POST", COMMENTS, Fault(status=403, message=SECONDARY), 1, CREATED, [60.0]),
        (
            "POST",
            COMMENTS,
            Fault(
                status=403,
                headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000042"},
            ),
            1,
            CREATED,
            [42.0],
        ),
        # Longer than the patience: given up at once, without a part of the wait.
        ("GET", COMMENTS, Fault(status=429, headers={"Retry-After": "3600"}), 1, FAILED, []),
        ("POST", COMMENTS, Fault(status=429, headers={"Retry-After": "3600"}), 1, FAILED, []),
        ("GET", "/user$", Fault(status=403, headers={"Retry-After": "3600"}), 1, FAILED, []),
        ("GET", COMMENTS, Fault(status=500), 2, CREATED, [1.0, 2.0]),
        ("GET", COMMENTS, Fault(status=503, headers={"Retry-After": "5"}), 1, CREATED, [5.0]),
        ("GET", COMMENTS, Fault(status=502), 99, FAILED, [1.0, 2.0, 4.0, 8.0, 16.0]),
        ("GET", COMMENTS, Fault(delivery=Delivery.HALF), 1, CREATED, [1.0]),
        ("GET", COMMENTS, Fault(delivery=Delivery.NONE), 1, CREATED, [1.0]),
        ("GET", COMMENTS, Fault(delivery=Delivery.LATE), 1, CREATED, [1.0]),
        # A write whose answer is lost: looked for first, made again only when it is not there.
        ("POST", COMMENTS, Fault(status=502), 1, CREATED, [2.0]),
        ("POST", COMMENTS, Fault(status=502, carried_out=True), 1, CREATED, [2.0]),
        ("POST", COMMENTS, Fault(delivery=Delivery.HALF), 1, CREATED, [2.0]),
        ("POST", COMMENTS, Fault(delivery=Delivery.NONE), 1, CREATED, [2.0]),
        ("POST", COMMENTS, Fault(delivery=Delivery.LATE), 1, CREATED, [2.0]),
        ("POST", COMMENTS, Fault(status=502), 99, FAILED, [2.0, 10.0, 30.0]),
    ],
)
def test_every_fault_while_creating_ends_as_the_table_says(
    server: GitHubServer,
    api: GitHubApi,
    clock: Clock,
    method: str,
    path: str,
    fault: Fault,
    times: int,
    status: CommentStatus,
    slept: list[float],
) -> None:
    server.fail(method, path, fault, times=times)
    outcome = publish(api)

    assert (outcome.status, clock.slept) == (status, slept)
    assert (PERMISSIONS in outcome.note) == (status is FORBIDDEN)
    assert bodies(server) == ([f"{marker()}\n## the report"] if status is CREATED else [])
    assert bool(outcome.url) == (status is CREATED)


@pytest.mark.parametrize(
    ("fault", "times", "status", "slept"),
    [
        (Fault(status=401), 1, FORBIDDEN, []),
        (Fault(status=403), 1, FORBIDDEN, []),
        (Fault(status=422), 1, FAILED, []),
        (Fault(status=500), 1, UPDATED, [1.0]),
        (Fault(status=429, headers={"Retry-After": "7"}), 1, UPDATED, [7.0]),
        (Fault(delivery=Delivery.HALF), 1, UPDATED, [1.0]),
        (Fault(delivery=Delivery.NONE), 1, UPDATED, [1.0]),
        (Fault(delivery=Delivery.LATE), 1, UPDATED, [1.0]),
        (Fault(status=500), 99, FAILED, [1.0, 2.0, 4.0, 8.0, 16.0]),
    ],
)
def test_every_fault_while_updating_ends_as_the_table_says(
    server: GitHubServer,
    api: GitHubApi,
    clock: Clock,
    fault: Fault,
    times: int,
    status: CommentStatus,
    slept: list[float],
) -> None:
    server.add_comment(7, f"{marker('fail')}\n## old", author=ACTIONS_BOT)
    server.fail("PATCH", ONE_COMMENT, fault, times=times)
    outcome = publish(api)

    assert (outcome.status, clock.slept) == (status, slept)
    new, old = f"{marker()}\n## the report", f"{marker('fail')}\n## old"
    assert bodies(server) == [new if status is UPDATED else old]


def test_a_lost_answer_beyond_the_patience_is_failed_without_a_second_try(
    server: GitHubServer, clock: Clock
) -> None:
    http = GitHubHttp(server.url, TOKEN, sleep=clock.sleep, now=clock.now, max_wait_seconds=1.0)
    server.fail("POST", COMMENTS, Fault(status=502))
    outcome = publish(GitHubApi(http, "acme/consumer"))

    assert outcome.status is FAILED
    assert outcome.note.startswith("the comment was not posted: GitHub answered 502: scripted")
    assert (calls(server, "POST"), clock.slept) == (1, [])


def test_a_token_that_only_reads_is_told_the_permissions(clock: Clock) -> None:
    with GitHubServer(read_only=True) as server:
        server.add_pull(7, head_sha=HEAD)
        outcome = publish(api_of(server, clock))

        assert outcome.status is CommentStatus.FORBIDDEN
        assert outcome.note.startswith(
            "the comment was not posted: GitHub answered 403: Resource not accessible by "
            "integration. "
        )
        assert outcome.note.endswith(":\n\npermissions:\n  contents: read\n  pull-requests: write")
        assert server.violations == []


def test_a_fork_is_told_of_the_second_workflow(clock: Clock) -> None:
    with GitHubServer(read_only=True) as server:
        server.add_pull(7, head_sha=HEAD, head_repository=None)
        outcome = publish(api_of(server, clock), change=replace(CHANGE, is_fork=True))

        assert outcome.status is CommentStatus.FORBIDDEN
        assert "The pull request comes from a fork" in outcome.note
        assert "the job's summary" in outcome.note
        assert PERMISSIONS in outcome.note
        assert server.violations == []


def test_a_missing_token_is_forbidden_not_a_crash(server: GitHubServer, clock: Clock) -> None:
    http = GitHubHttp(server.url, "", sleep=clock.sleep, now=clock.now)
    outcome = publish(GitHubApi(http, "acme/consumer"))

    assert outcome.status is CommentStatus.FORBIDDEN
    assert all("Authorization" not in request.headers for request in server.requests)


def test_an_api_that_is_not_there_is_failed_not_a_crash(clock: Clock) -> None:
    with GitHubServer() as gone:
        address = gone.url
    http = GitHubHttp(address, TOKEN, sleep=clock.sleep, now=clock.now)
    outcome = publish(GitHubApi(http, "acme/consumer"))

    assert outcome.status is CommentStatus.FAILED
    assert "the connection to http://127.0.0.1:" in outcome.note


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=401, message=f"no such token: {TOKEN}"),
        Fault(status=502),
        Fault(delivery=Delivery.HALF),
        Fault(delivery=Delivery.NONE),
        Fault(status=302, headers={"Location": "https://evil.example/user"}),
    ],
)
def test_the_token_is_in_no_note_log_or_traceback(
    server: GitHubServer,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    fault: Fault,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fail("GET", "/user$", fault, times=99)
    # A redirect is nothing that GitHub describes for this operation.
    redirected = fault.status == 302
    http = GitHubHttp(server.url, TOKEN, sleep=clock.sleep, now=clock.now)
    api = GitHubApi(http, "acme/consumer")
    outcome = publish(api)
    texts = [outcome.note, repr(outcome), repr(api), repr(http), caplog.text, *capfd.readouterr()]
    with pytest.raises(GitHubError):
        raise_from(api.whoami, texts)

    assert outcome.status in (FORBIDDEN, FAILED)
    assert not [text for text in texts if TOKEN in text]
    if redirected:
        server.violations.clear()


def raise_from(call: Callable[[], object], texts: list[str]) -> None:
    """Make the call, and keep what a crash log would show of its error."""
    try:
        call()
    except GitHubError as exc:
        texts += [str(exc), repr(exc), "".join(traceback.format_exception(exc))]
        texts += [repr(vars(exc)), repr(exc.__context__)]
        raise


def headers_of(server: GitHubServer) -> Mapping[str, str]:
    return server.requests[-1].headers


def test_requests_name_the_version_of_the_api_and_their_sender(
    server: GitHubServer, api: GitHubApi
) -> None:
    api.get_pull(7)

    sent = headers_of(server)
    assert sent["Authorization"] == f"Bearer {TOKEN}"
    assert sent["Accept"] == "application/vnd.github+json"
    assert sent["X-GitHub-Api-Version"] == "2022-11-28"
    assert sent["User-Agent"] == "mlci-action"
