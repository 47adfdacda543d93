"""The user guides per role say what the procedures' documents say; what they show is there."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests import publish_guides


def test_each_role_has_its_guide(app: Flask) -> None:
    assert {path.name for path in publish_guides.FOLDER.glob("*.md")} >= set(
        map(publish_guides.file_of, publish_guides.roles())
    )


@pytest.mark.parametrize("role", publish_guides.roles())
def test_a_guide_is_what_the_documents_say(app: Flask, role: str) -> None:
    """``python -m tests.publish_guides`` writes them anew."""
    with app.test_request_context():
        found = (publish_guides.FOLDER / publish_guides.file_of(role)).read_text(encoding="utf-8")
        assert found == publish_guides.written(role)


def test_pictures_and_pages_that_are_named_are_there() -> None:
    for page in publish_guides.FOLDER.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
