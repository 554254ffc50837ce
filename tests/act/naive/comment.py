"""Post the report with the token, as whoever is found in the environment says."""

import json
import os
import urllib.request
from pathlib import Path

report = json.loads(Path("naive-report.json").read_text())
repository, number = os.environ["GITHUB_REPOSITORY"], os.environ["PULL_REQUEST"]
request = urllib.request.Request(  # noqa: S310
    f"{os.environ['GITHUB_API_URL']}/repos/{repository}/issues/{number}/comments",
    data=json.dumps({"body": f"{os.environ['GITHUB_JOB']} deploys: {report['deploy']}"}).encode(),
    headers={
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Accept": "application/vnd.github+json",
        "Content-Type": "application/json",
        "User-Agent": "naive-gate",
        "X-GitHub-Api-Version": "2022-11-28",
    },
)
urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
