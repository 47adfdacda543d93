"""The message catalogues: complete, in step with the sources, and compiled for gettext whatever the start."""

import ast
import gettext
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale
from flask_babel import gettext as translate
from flask_babel import ngettext as translate_plural

from app import catalogues

ROOT = Path(catalogues.__file__).parents[1]
NOBODY = 65534
MARKS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "pgettext"}

PYTHON = """
from flask_babel import lazy_gettext as _l, ngettext, pgettext
TITLE = _l("Open the ledger")
COUNT = ngettext("%(num)d ledger", "%(num)d ledgers", 3)
VERB = pgettext("verb", "Close")
"""
TEMPLATE = "<h1>{{ _('Ledger of %(name)s', name=name) }}</h1>{% trans %}Nothing here{% endtrans %}"


def catalogue_path(root: Path) -> Path:
    return root / "translations" / "id" / "LC_MESSAGES" / "messages.po"


def read(root: Path) -> Catalog:
    with catalogue_path(root).open("rb") as source:
        return read_po(source, locale="id")


def translations(folder: Path) -> gettext.NullTranslations:
    return gettext.translation("messages", folder, ["id"])


def rewrite(root: Path, old: str, new: str) -> None:
    """Change one text of the catalogue, as a translator would."""
    path = catalogue_path(root)
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def make_site(root: Path) -> Path:
    """Make a small application with ids of its own beside the committed catalogue."""
    parts = root / "app" / "templates" / "_parts"
    parts.mkdir(parents=True)
    (root / "app" / "ledger.py").write_text(PYTHON)
    (parts / "ledger.html").write_text(TEMPLATE)
    shutil.copy(ROOT / "babel.cfg", root)
    catalogue_path(root).parent.mkdir(parents=True)
    shutil.copy(catalogue_path(ROOT), catalogue_path(root))
    return root


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path)


@pytest.fixture
def read_only_site() -> Iterator[Path]:
    """A site whose translations the running user cannot write; an administrator becomes nobody for it."""
    administrator = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:
        root = make_site(Path(folder))
        (root / "instance").mkdir()
        (root / "instance").chmod(0o777)
        closed = [root, *catalogue_path(root).parents[:3]]
        for path in closed:
            path.chmod(0o555)
        if administrator:
            # Read late, by whoever parses a date first: nobody may not, where Python lies in the administrator's home.
            importlib.import_module("_strptime")
            os.seteuid(NOBODY)
        try:
            yield root
        finally:
            if administrator:
                os.seteuid(0)
            for path in closed:
                path.chmod(0o755)


def test_every_id_has_its_indonesian_text() -> None:
    assert catalogues.missing(ROOT, "id") == []


def test_committed_catalogue_knows_every_extracted_id() -> None:
    known = read(ROOT)
    extracted = [message for message in catalogues.extract(ROOT) if message.id]
    absent = [message.id for message in extracted if known.get(message.id, message.context) is None]
    assert absent == []


def test_no_id_hides_in_an_f_string() -> None:
    """The extraction sees such a string as one piece, so an id within it would never be translated."""
    hidden = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(text, ast.JoinedStr):
                calls = [node.func for node in ast.walk(text) if isinstance(node, ast.Call)]
                marks = {call.id for call in calls if isinstance(call, ast.Name)} & MARKS
                hidden += [f"{path.name}:{text.lineno} {mark}" for mark in sorted(marks)]
    assert hidden == []


def test_committed_catalogue_names_no_line_and_no_folder_of_a_machine() -> None:
    locations = re.findall(r"^#: (.*)$", catalogue_path(ROOT).read_text(encoding="utf-8"), re.MULTILINE)
    files = {name for line in locations for name in line.split()}
    origins = {"app", "flask_login", *catalogues.PACKAGES}
    assert {name.split("/")[0] for name in files} <= origins
    assert not [name for name in files if ":" in name]


def test_ids_of_every_package_are_extracted(site: Path) -> None:
    template = catalogues.extract(site)
    assert {"Open the ledger", "Ledger of %(name)s", "Nothing here"} <= {message.id for message in template}
    assert template.get("Close", "verb")
    assert ("%(num)d ledger", "%(num)d ledgers") in template
    assert {"List Users", "The CSRF token has expired.", "This field is required."} <= {m.id for m in template}
    assert {"Please log in to access this page.", "Login Count"} <= {message.id for message in template}


def test_update_brings_new_ids_and_keeps_and_drops_the_others(site: Path) -> None:
    (site / "app" / "old.py").write_text('from flask_babel import gettext\ngettext("Close the ledger")\n')
    catalogues.update(site)
    rewrite(site, 'msgid "Open the ledger"\nmsgstr ""', 'msgid "Open the ledger"\nmsgstr "Buka buku"')
    (site / "app" / "old.py").unlink()

    assert catalogues.update(site) == [catalogue_path(site)]

    after = read(site)
    assert after["Open the ledger"].string == "Buka buku"
    assert after["Save"].string == "Simpan"
    assert "Close the ledger" not in after
    assert not after.obsolete
    assert not [message.id for message in after if message.id and message.fuzzy]
    ids = [message.id for message in after if message.id]
    assert ids == [message.id for message in sorted(after) if message.id]


def test_second_update_changes_nothing(site: Path) -> None:
    catalogues.update(site)
    before = catalogue_path(site).read_bytes()
    assert catalogues.update(site) == []
    assert catalogue_path(site).read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "gap"),
    [
        ('msgstr "Simpan"', 'msgstr ""', ("Save", "untranslated")),
        ('msgid "Save"', '#, fuzzy\nmsgid "Save"', ("Save", "fuzzy")),
        ('msgid "Save"', 'msgid "Save me"', ("Save", "absent")),
        ("Isian harus sama dengan %(other_name)s.", "Isian harus sama.", None),
        ("Isian harus sama dengan %(other_name)s.", "Isian harus sama dengan %(nama)s.", None),
        ("Isian harus sama dengan %(other_name)s.", "Isian harus sama dengan %(other_name)d.", None),
    ],
)
def test_missing_says_which_id_lacks_what(site: Path, old: str, new: str, gap: tuple[str, str] | None) -> None:
    rewrite(site, old, new)
    assert (gap or ("Field must be equal to %(other_name)s.", "placeholders")) in catalogues.missing(site, "id")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Yang diperbolehkan: {extensions}", "Yang diperbolehkan: {jenis}"),
        ('msgstr[0] "Isian paling banyak %(max)d karakter."', 'msgstr[0] "Isian terlalu panjang."'),
    ],
)
def test_missing_compares_placeholders_of_braces_and_plurals(site: Path, old: str, new: str) -> None:
    rewrite(site, old, new)
    assert "placeholders" in {gap.reason for gap in catalogues.missing(site, "id")}


def test_missing_command_fails_while_something_is_missing(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalogues.update(site)
    assert catalogues.main(["missing", "--root", str(site)]) == 1
    assert "untranslated: Open the ledger" in capsys.readouterr().out


def test_compiled_catalogue_is_read_by_gettext(site: Path) -> None:
    folder = catalogues.compile_stale(site)
    assert folder == site / "translations"
    assert translations(folder).gettext("Save") == "Simpan"
    long = (
        "Field cannot be longer than %(max)d character.",
        "Field cannot be longer than %(max)d characters.",
    )
    assert {translations(folder).ngettext(*long, number) for number in (1, 2)} == {
        "Isian paling banyak %(max)d karakter."
    }


def test_fresh_catalogue_is_not_compiled_again(site: Path) -> None:
    binary = catalogues.compile_stale(site) / "id" / "LC_MESSAGES" / "messages.mo"
    before = binary.stat()
    catalogues.compile_stale(site)
    assert (binary.stat().st_ino, binary.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_changed_catalogue_is_compiled_again_be_it_newer_or_older(site: Path, seconds: int) -> None:
    catalogues.compile_stale(site)
    modified = catalogue_path(site).stat().st_mtime + seconds
    rewrite(site, 'msgstr "Simpan"', 'msgstr "Simpan data"')
    os.utime(catalogue_path(site), (modified, modified))
    assert translations(catalogues.compile_stale(site)).gettext("Save") == "Simpan data"


def test_read_only_site_compiles_into_the_fallback(read_only_site: Path) -> None:
    folder = catalogues.compile_stale(read_only_site, read_only_site / "instance" / "translations")
    assert folder == read_only_site / "instance" / "translations"
    assert translations(folder).gettext("Save") == "Simpan"
    with pytest.raises(PermissionError):
        catalogues.compile_stale(read_only_site)


def test_processes_that_start_at_once_do_not_disturb_each_other(site: Path) -> None:
    command = [sys.executable, "-m", "app.catalogues", "compile", "--root", str(site)]
    started = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]
    assert sorted(path.name for path in catalogue_path(site).parent.iterdir()) == [
        "messages.mo",
        "messages.po",
    ]
    assert translations(site / "translations").gettext("Save") == "Simpan"


def test_panel_speaks_indonesian_and_english_without_an_english_catalogue(site: Path) -> None:
    app = Flask("ledger")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(catalogues.compile_stale(site))
    Babel(app, default_locale="id")
    with app.test_request_context():
        assert translate("Save") == "Simpan"
        with force_locale("en"):
            assert translate("Save") == "Save"
            assert [translate_plural("%(num)d case", "%(num)d cases", n) for n in (1, 2)] == [
                "1 case",
                "2 cases",
            ]
