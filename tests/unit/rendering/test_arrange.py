from __future__ import annotations

import subprocess
import sys

from mlci_action.rendering.arrange import first_that_fits


def test_the_first_text_that_fits_is_taken_and_the_rest_never_made() -> None:
    texts = iter(["long", "fit", "x"])
    assert first_that_fits(texts, fits=lambda text: len(text) <= 3) == "fit"
    assert next(texts) == "x"


def test_the_shortest_is_taken_when_none_fits() -> None:
    """Something is better said than nothing."""
    assert first_that_fits(["longest", "long"], fits=lambda text: len(text) <= 3) == "long"


def test_a_report_is_read_and_rendered_by_the_light_environment() -> None:
    """The stage that posts the comment has neither pandas nor pydantic, and starts at once."""
    heavy = {"numpy", "pandas", "pandera", "pydantic", "scipy", "sklearn", "yaml", "jsonschema"}
    code = (
        "import sys, mlci_action.rendering.comment, mlci_action.rendering.report_json\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
