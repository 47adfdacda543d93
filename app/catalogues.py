"""Message catalogues: where message ids come from, how translations are kept and compiled.

The message id is the English text, so English needs no catalogue: a locale without one falls back to the
ids, plurals included. Every other language is a folder in ``translations``; an empty one is a new language.

    python -m app.catalogues extract   the template (.pot) with every id, on standard output
    python -m app.catalogues update    merge new ids into the catalogues, drop those that are gone
    python -m app.catalogues missing   what is still to be translated; exit code 1 if anything is
    python -m app.catalogues compile   the binary catalogues that gettext reads
"""

import argparse
import os
import re
import sys
import tempfile
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask_login.config import LOGIN_MESSAGE, REFRESH_MESSAGE
from flask_wtf.csrf import CSRFError

PACKAGES: dict[str, dict[str, None]] = {
    "flask_appbuilder": {},
    "wtforms": {},
    # Flask-WTF raises its CSRF sentences without gettext; whoever shows the error translates it.
    "flask_wtf": {"ValidationError": None, "_error_response": None},
}
"""Packages whose ids we translate, each with the calls that mark an id besides those in ``babel.cfg``."""

USER_COLUMNS = ("active", "last_login", "login_count", "fail_login_count", "registration_date")
GROUP_COLUMNS = ("label", "description", "roles", "users")
AUDIT_COLUMNS = ("created_on", "created_by", "changed_on", "changed_by")
FAB_COLUMNS = USER_COLUMNS + GROUP_COLUMNS + AUDIT_COLUMNS

RUNTIME_IDS = (
    # Plain constants; LoginManager.localize_callback translates them.
    ("flask_login", LOGIN_MESSAGE),
    ("flask_login", REFRESH_MESSAGE),
    # A class attribute, shown when a CSRF error carries no sentence of its own.
    ("flask_wtf", str(CSRFError.description)),
    # Flask-AppBuilder makes labels of columns that have none; its REST resources translate them in _info.
    *(("flask_appbuilder", name.replace("_", " ").title()) for name in FAB_COLUMNS),
)
"""Origin and id of what reaches gettext at run time without standing in a gettext call."""

PLACEHOLDER = re.compile(r"%\(\w+\)[-#0+ ]?\d*(?:\.\d+)?[diouxXeEfFgGcrsa]|%[diouxXeEfFgGcrsa%]|\{\w*\}")
"""``%(name)s``, ``%s``, ``%%`` and ``{name}``: what a translation must carry over unchanged."""


class Gap(NamedTuple):
    """A message id that a catalogue does not cover, and why: absent, untranslated, fuzzy or placeholders."""

    id: str
    reason: str


def extract(root: Path) -> Catalog:
    """Return the template: every id of our ``app`` folder under ``root`` and of the packages we build on.

    Locations are file names from the package downwards, without line numbers, so that moving code does not
    change the catalogues. Raises ``jinja2.TemplateSyntaxError`` for a broken template.
    """
    template = Catalog(project="Tuntas", version="1")
    for origin in ("app", *PACKAGES):
        _extract_folder(root, origin, template)
    for origin, message_id in RUNTIME_IDS:
        template.add(message_id, locations=[(origin, 0)])
    return template


def update(root: Path) -> list[Path]:
    """Merge the extracted ids into every catalogue under ``root`` and return the files that changed.

    Translations of ids that remain are kept, ids that are gone are dropped, new ids come in untranslated
    (nothing is guessed from similar ids). Sorted by id and without dates of the run: the same sources give
    the same file.
    """
    template = extract(root)
    return [path for path in _catalogue_paths(root) if _merge(template, path)]


def compile_stale(root: Path, fallback: Path | None = None) -> Path:
    """Compile each catalogue whose binary is not of its time; return the folder to give to Babel.

    A binary carries the modification time of its source, so an older source that is unpacked over a newer
    one is noticed too. Safe when several processes start at once: each writes its own temporary file and
    puts it in place in one step. If ``translations`` cannot be written, the binaries go under ``fallback``
    and that folder is returned; without ``fallback`` the ``OSError`` is raised.
    """
    home = root / "translations"
    try:
        _compile_into(root, home)
    except OSError:
        if fallback is None:
            raise
        _compile_into(root, fallback)
        return fallback
    return home


def missing(root: Path, locale: str) -> list[Gap]:
    """Return what the catalogue of ``locale`` lacks of the extracted ids, in the order of the ids."""
    catalogue = _read(_catalogue_path(root, locale))
    found = []
    for message in sorted(message for message in extract(root) if message.id):
        reason = _lack(message, catalogue.get(message.id, message.context))
        if reason:
            found.append(Gap(_forms(message.id)[0], reason))
    return found


def _extract_folder(root: Path, origin: str, template: Catalog) -> None:
    methods, options = parse_mapping_cfg((root / "babel.cfg").read_text(encoding="utf-8").splitlines())
    found = extract_from_dir(
        _folder(root, origin),
        methods,
        options,
        keywords={**DEFAULT_KEYWORDS, **PACKAGES.get(origin, {})},
        strip_comment_tags=True,
        directory_filter=_is_source_folder,
    )
    for name, _line, ids, comments, context in found:
        template.add(ids, locations=[(f"{origin}/{name}", 0)], auto_comments=comments, context=context)


def _folder(root: Path, origin: str) -> Path:
    if origin == "app":
        return root / "app"
    spec = find_spec(origin)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"package {origin} is not installed")
    return Path(spec.submodule_search_locations[0])


def _is_source_folder(path: str | os.PathLike[str]) -> bool:
    # Babel's own filter skips every folder that begins with "_", also one with template parts.
    return not Path(path).name.startswith((".", "__"))


def _catalogue_path(root: Path, locale: str) -> Path:
    return root / "translations" / locale / "LC_MESSAGES" / "messages.po"


def _catalogue_paths(root: Path) -> list[Path]:
    folders = sorted(path for path in (root / "translations").iterdir() if path.is_dir())
    return [_catalogue_path(root, folder.name) for folder in folders]


def _locale(path: Path) -> str:
    return path.parents[1].name


def _read(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), locale=_locale(path))


def _merge(template: Catalog, path: Path) -> bool:
    """Bring the catalogue at ``path`` in step with ``template``; tell whether its file changed."""
    before = path.read_bytes() if path.exists() else b""
    catalogue = _read(path) if before else Catalog(locale=_locale(path), project="Tuntas", fuzzy=False)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    after = BytesIO()
    write_po(after, catalogue, sort_output=True, ignore_obsolete=True, include_lineno=False)
    changed = after.getvalue() != before
    if changed:
        _put(path, after.getvalue())
    return changed


def _compile_into(root: Path, target: Path) -> None:
    for source in _catalogue_paths(root):
        binary = target / _locale(source) / "LC_MESSAGES" / "messages.mo"
        modified = source.stat().st_mtime_ns
        if binary.exists() and binary.stat().st_mtime_ns == modified:
            continue
        compiled = BytesIO()
        write_mo(compiled, _read(source))
        _put(binary, compiled.getvalue(), modified)


def _put(path: Path, content: bytes, modified: int | None = None) -> None:
    """Put ``content`` in place in one step; ``modified`` is the modification time in ns, default now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)  # a temporary file is private, the catalogue is for every process of the site
        if modified is not None:
            os.utime(name, ns=(modified, modified))
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _lack(wanted: Message, found: Message | None) -> str:
    """Say why ``found`` does not translate ``wanted``; empty if it does."""
    if found is None or len(_forms(found.id)) != len(_forms(wanted.id)):
        return "absent"
    if not found.string or not all(_forms(found.string)):
        return "untranslated"
    if found.fuzzy:
        return "fuzzy"
    return "" if _placeholders_agree(_forms(wanted.id), _forms(found.string)) else "placeholders"


def _placeholders_agree(ids: tuple[str, ...], strings: tuple[str, ...]) -> bool:
    """Compare the last form with the plural; forms before it may lack the number, as in "one case"."""
    allowed = [set(PLACEHOLDER.findall(text)) for text in ids]
    used = [set(PLACEHOLDER.findall(text)) for text in strings]
    return used[-1] == allowed[-1] and all(form in allowed for form in used)


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands named in the docstring of this module; return its exit code."""
    parser = argparse.ArgumentParser(prog="catalogues")
    parser.add_argument("command", choices=("extract", "update", "compile", "missing"))
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--locale", default="id")
    options = parser.parse_args(arguments)
    if options.command == "extract":
        write_po(sys.stdout.buffer, extract(options.root), sort_output=True, include_lineno=False)
    elif options.command == "update":
        for path in update(options.root):
            print(path.relative_to(options.root))
    elif options.command == "compile":
        print(compile_stale(options.root).relative_to(options.root))
    else:
        for gap in (found := missing(options.root, options.locale)):
            print(f"{gap.reason}: {gap.id}")
        return int(bool(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
