"""How pages and the files of the design travel: packed, the files kept for a year, the pages by nobody."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask import Flask

from app.web import assets
from tests.cast import Cast


def test_a_file_of_the_design_is_kept_for_a_year_under_a_name_of_its_content(cast: Cast) -> None:
    """Asked for as a browser does, packed in the way that it prefers; nothing of the session comes along."""
    client = cast.login("cs")
    plain = client.get(assets.asset("tuntas.css"))
    assert plain.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert "Cookie" not in plain.headers.get("Vary", "")
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in plain.headers
    for encoding, unpacked in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        packed = client.get(assets.asset("tuntas.css"), headers={"Accept-Encoding": encoding})
        assert packed.headers["Content-Encoding"] == encoding
        assert unpacked(packed.data) == plain.data
        assert len(packed.data) < len(plain.data) / 3
    assert client.get("/favicon.ico").mimetype == "image/svg+xml"


def test_a_page_is_packed_and_kept_by_nobody(cast: Cast) -> None:
    answer = cast.login("cs").get("/", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert b"</html>" in brotli.decompress(answer.data)
    assert answer.headers["Cache-Control"] == "private, no-store"
    # Nor is what is refused, nor where it is led.
    for path in ("/somasi/999999", "/nothing", "/logout/"):
        assert "no-store" in cast.login("cs").get(path).headers["Cache-Control"], path


def test_what_a_page_shows_of_the_design_is_there(cast: Cast) -> None:
    page = cast.login("cs").get("/").text
    found = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page))
    assert {one.split(".")[0] for one in found} == {"/assets/tuntas"}
    assert all(cast.app.test_client().get(one).status_code == 200 for one in found)
    assert "appbuilder" not in page, "nothing of the skin of Flask-AppBuilder"


def test_several_starts_at_once_lay_the_same_files(tmp_path: Path) -> None:
    assets.publish(tmp_path)
    laid = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert not [name for name in laid if name.endswith(".part")]
    (tmp_path / "tuntas.0123456789ab.css").write_text("of the version before")
    assets.publish(tmp_path)
    assert laid.items() <= {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}.items()


def test_a_start_passes_over_what_another_is_still_laying(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "tmp1.part").symlink_to(folder / "gone")  # seen in the folder, and no file any more when looked at
    (folder / "tmp2.part").write_text("hal")
    (folder / "tuntas.0123456789ab.css").write_text("older")
    client = make_app(ASSETS_PATH=str(folder)).test_client()
    assert client.get("/assets/tmp2.part").status_code == 404
    assert client.get("/assets/tuntas.0123456789ab.css").text == "older", "a page from before an upgrade finds it"
    assert client.get(assets.asset("tuntas.css")).status_code == 200


def test_a_file_that_the_design_has_not_is_a_mistake() -> None:
    with pytest.raises(assets.UnknownAsset):
        assets.asset("js/nothing.js")


def test_light_or_dark_is_kept_by_the_browser(cast: Cast) -> None:
    client = cast.login("cs")
    assert "data-theme" not in client.get("/").text.split("<head>")[0]
    answer = client.post("/theme/", data={"theme": "dark", "next": "/somasi/?mine=1"})
    assert (answer.status_code, answer.location) == (303, "/somasi/?mine=1")
    assert 'data-theme="dark"' in client.get("/").text
    assert client.post("/theme/", data={"theme": "pink"}).status_code == 400
    assert client.post("/theme/", data={"theme": "dark", "next": "//elsewhere.example"}).location == "/"
    client.post("/theme/", data={"theme": ""})
    assert "data-theme" not in client.get("/").text.split("<head>")[0]
