"""Pictures of every screen, per role, wide and narrow, light and dark; always of the same day with the same cases.

``python -m tests.pictures FOLDER [--roles cs,legal] [--widths 1280,390] [--themes light,dark]`` writes one file a
picture and a contact sheet per role and width. Which screens there are is read off the product itself: the entries of
the menu, a case of every list, the forms that its buttons lead to.

``python -m tests.pictures --guides`` makes those of README and the user guides anew (``docs/pictures``).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from app import create_app
from app.demo import whole
from app.demo.beginning import username
from tests import moment, publish_guides
from tests.cast import PASSWORD
from tests.conftest import CHROMIUM, FLAGS, settings_for

WIDTHS, THEMES = (1280, 390), ("light", "dark")
HEIGHTS = {1280: 800, 390: 844}
#: What else there is to see besides the menu's entries and what lists lead to.
OTHERS = ("/", "/search?q=0812", "/users/userinfo/", "/resetmypassword/form", "/notices/")
#: Screens on a contact sheet, each with its themes.
A_SHEET = 6
#: Forms of a case, and cases of a list, that are looked at.
FORMS, CASES = 2, 1
SEED = 1
#: At the end of an address: the first case of that list.
A_CASE = "*"
#: Besides everybody's tasks: file, who, where, width, theme.
SHOWN = (
    ("list.png", "legal_litigasi_1", "/somasi/", 1280, "light"),
    ("case.png", "cs", "/pengaduan/*", 1280, "light"),
    ("case-dark.png", "cs", "/pengaduan/*", 1280, "dark"),
    ("intake.png", "cso", "/keluhan/new", 1280, "light"),
    ("search.png", "cs", "/search?q=0812", 1280, "light"),
    ("dashboard.png", "supervisor", "/dashboard/", 1280, "light"),
    ("guide.png", "cs", "/guide/", 1280, "light"),
    ("phone.png", "cs", "/", 390, "light"),
    ("phone-case.png", "cs", "/pengaduan/*", 390, "light"),
)


@dataclass(frozen=True)
class Screen:
    role: str
    path: str

    @property
    def name(self) -> str:
        return urlsplit(self.path).path.strip("/").replace("/", "-") or "home"


@contextmanager
def demo() -> Iterator[str]:
    """The demo's day, served; answers its address."""
    clock = moment.Clock()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSTANCE_PATH"] = folder
        app = create_app(settings_for(Path(folder), WTF_CSRF_ENABLED=True))
        with app.app_context():
            whole.fill(0, SEED, lambda told: None)
        with _served(app) as url:
            yield url
    clock.stop()


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


@contextmanager
def signed_in(browser: Browser, url: str, role: str, width: int, theme: str) -> Iterator[Page]:
    context = moment.context_of(
        browser, viewport={"width": width, "height": HEIGHTS.get(width, 800)}, locale="id-ID", color_scheme=theme
    )
    page = context.new_page()
    page.goto(f"{url}/login/")
    page.fill("#username", role)
    page.fill("#password", PASSWORD)
    page.click("form.card [type=submit]")
    page.wait_for_url(f"{url}/")
    # The tour of the first visit has a picture of its own.
    page.evaluate("document.querySelector('[data-tour-close]')?.click()")
    yield page
    context.close()


def screens(page: Page, url: str, role: str) -> list[Screen]:
    """Everything that the menu leads to, and one step further from each list of cases."""
    entries = page.eval_on_selector_all("nav .menu a[href]", "all => all.map(one => one.getAttribute('href'))")
    found: dict[str, None] = dict.fromkeys((*OTHERS, *entries))
    for list_of in entries:
        page.goto(url + list_of)
        more = page.eval_on_selector_all(
            "main a[href]", "all => all.map(one => new URL(one.href).pathname + new URL(one.href).search)"
        )
        found |= dict.fromkeys([one for one in more if one == f"{list_of}new"])
        for case in list(dict.fromkeys(one for one in more if _is_case(list_of, one)))[:CASES]:
            found[case] = None
            page.goto(url + case)
            links = page.eval_on_selector_all("main a[href]", "all => all.map(one => new URL(one.href).pathname)")
            found |= dict.fromkeys([one for one in links if one.startswith(f"{case}/do/")][:FORMS])
    return [Screen(role, path) for path in found]


def _is_case(list_of: str, path: str) -> bool:
    return path.startswith(list_of) and path.removeprefix(list_of).isdecimal()


def picture(page: Page, url: str, screen: Screen, target: Path, whole_page: bool = True) -> str:
    """Writes it; answers what is wrong: an error of the server, something that sticks out, what axe finds."""
    answer = page.goto(url + screen.path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target, full_page=whole_page)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    refused = f"status {answer.status}" if answer and not answer.ok else ""
    found = (violation["id"] for violation in Axe().run(page).response["violations"])
    return " ".join(filter(None, (refused, f"{wide} px out" if wide > 0 else "", *found)))


def sheet(browser: Browser, title: str, shown: Iterable[tuple[str, list[Path]]], target: Path) -> None:
    """All pictures of a role side by side, each with its address."""
    cells = "".join(
        f"<figure><figcaption>{escape(path)}</figcaption>"
        + "".join(f"<img src='{file.resolve().as_uri()}'>" for file in files)
        + "</figure>"
        for path, files in shown
    )
    page = browser.new_page(viewport={"width": 1680, "height": 1200})
    made = target.with_suffix(".html")
    made.write_text(
        "<style>body{font:14px sans-serif;background:#888;margin:1rem}div{display:flex;flex-wrap:wrap;gap:1rem}"
        "figure{margin:0;background:#fff;padding:.4rem}img{width:390px;max-height:620px;object-fit:cover;"
        f"object-position:top;margin-right:.3rem;vertical-align:top}}</style><h1>{escape(title)}</h1><div>{cells}</div>"
    )
    page.goto(made.resolve().as_uri())
    page.wait_for_load_state("load")
    page.screenshot(path=target, full_page=True)
    page.close()


def everything(folder: Path, roles: list[str], widths: list[int], themes: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for role in roles or _everybody(url, browser):
            with signed_in(browser, url, role, WIDTHS[0], THEMES[0]) as page:
                wanted = screens(page, url, role)
            for width in widths:
                shown: dict[str, list[Path]] = {}
                for theme in themes:
                    with signed_in(browser, url, role, width, theme) as page:
                        for screen in wanted:
                            target = folder / f"{role}-{screen.name}-{width}-{theme}.png"
                            wrong = picture(page, url, screen, target)
                            print(target.name, wrong, flush=True)  # noqa: T201
                            shown.setdefault(f"{screen.path} {wrong}", []).append(target)
                for number, some in enumerate(batched(shown.items(), A_SHEET), 1):
                    sheet(browser, f"{role}, {width} px", some, folder / f"sheet-{role}-{width}-{number}.png")
        browser.close()


def batched(found: Iterable[tuple[str, list[Path]]], most: int) -> Iterator[tuple[tuple[str, list[Path]], ...]]:
    rest = iter(found)
    while some := tuple(islice(rest, most)):
        yield some


def for_guides() -> None:
    """What README and guides show, as large as a screen."""
    publish_guides.PICTURES.mkdir(parents=True, exist_ok=True)
    tasks = [(publish_guides.picture_of(role), username(role), "/", 1280, "light") for role in publish_guides.roles()]
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for file, who, path, width, theme in (*tasks, *SHOWN):
            with signed_in(browser, url, who, width, theme) as page:
                where = path.removesuffix(A_CASE)
                if where != path:
                    page.goto(url + where)
                    addresses = page.eval_on_selector_all("main a[href]", "all => all.map(one => one.pathname)")
                    where = next(one for one in addresses if _is_case(where, one))
                picture(page, url, Screen(who, where), publish_guides.PICTURES / file, whole_page=False)
        browser.close()


def _everybody(url: str, browser: Browser) -> list[str]:
    """One of each role, as the list of users has them."""
    with signed_in(browser, url, "admin", WIDTHS[0], THEMES[0]) as page:
        page.goto(f"{url}/users/list/?psize_UserDBModelView=100")
        return list(
            page.eval_on_selector_all("main tbody tr td:first-child", "all => all.map(one => one.innerText.trim())")
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--guides", action="store_true", help="those of README and the user guides, into docs/pictures")
    parser.add_argument("--roles", default="", help="user names with commas between them; all when left out")
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    parser.add_argument("--themes", default=",".join(THEMES))
    options = parser.parse_args()
    if options.guides:
        for_guides()
    if options.folder is None:
        return
    everything(
        options.folder, list(filter(None, options.roles.split(","))), list(map(int, options.widths.split(","))),
        options.themes.split(","),
    )  # fmt: skip


if __name__ == "__main__":
    main()
