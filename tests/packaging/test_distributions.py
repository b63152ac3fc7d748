"""What a user installs: the wheel and the source distribution."""

import configparser
import email
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import exporter
from exporter.assets.bundle import FOLDERS
from support.checkout import SECRET_FILES

ROOT = Path(__file__).resolve().parents[2]
SOURCE_URL = "https://git.example/team/wolkvox-exporter"

pytestmark = pytest.mark.integration


def build(source: Path, target: Path, *kinds: str, source_url: str = "") -> None:
    options = [option for kind in kinds for option in ("-t", kind)]
    result = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", target, *options],
        cwd=source,
        env={**os.environ, "SOURCE_URL": source_url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    build(ROOT, target, "wheel", "sdist")
    return target


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    (path,) = built.glob("*.tar.gz")
    return path


def files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def names(distribution: Path) -> set[str]:
    if distribution.suffix == ".whl":
        return set(files(distribution))
    with tarfile.open(distribution) as archive:
        return set(archive.getnames())


def in_dist_info(wheel: Path, name: str) -> bytes:
    return files(wheel)[f"wolkvox_exporter-{exporter.__version__}.dist-info/{name}"]


def described(wheel: Path) -> Message:
    return email.message_from_bytes(in_dist_info(wheel, "METADATA"))


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in files(wheel)}
    assert tops == {"exporter", f"wolkvox_exporter-{exporter.__version__}.dist-info"}
    assert "exporter/py.typed" in files(wheel)
    assert [name for name in files(wheel) if "__pycache__" in name or "test_" in name] == []


def test_wheel_holds_every_file_of_the_package_that_git_knows(wheel: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: test left out")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "exporter"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    known = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    assert known - files(wheel).keys() == set()


def test_no_other_file_of_a_checkout_is_published(built: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    ignored = shutil.ignore_patterns(
        ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "dist", "tests"
    )
    shutil.copytree(ROOT, checkout, ignore=ignored)
    for name in SECRET_FILES:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("FAKE")
    build(checkout, tmp_path / "dist", "wheel", "sdist")
    for mine in built.iterdir():
        theirs = tmp_path / "dist" / mine.name
        assert names(theirs) == names(mine)


def said_by(wheel: Path, folder: Path, *arguments: str) -> str:
    """Return what Python prints in a folder with the wheel's content, far from a checkout."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")  # noqa: S202  our own, just built
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.fspath(folder / "site")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_wheel_writes_its_assets_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    said = said_by(wheel, tmp_path, "-m", "exporter", "assets", "--to", "written")
    written = {path for path in (tmp_path / "written").rglob("*") if path.is_file()}
    assert written == {tmp_path / line for line in said.splitlines()}
    for path in written:
        assert path.read_bytes() == (ROOT / path.relative_to(tmp_path / "written")).read_bytes()
    listed = subprocess.run(
        ["git", "ls-files", "-z", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    if listed.returncode == 0:
        names = {path.relative_to(tmp_path / "written").as_posix() for path in written}
        assert names >= {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


def test_wheel_holds_the_documentation_and_serves_it_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    pages = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "docs").rglob("*.md")}
    script = """
import sys
from exporter.assets import documents
from exporter.toolkit.message import Request
from exporter.web.documents import answer
sys.stdout.write("\\n".join(documents()) + "\\n")
sys.stdout.write(answer(Request("GET", "/docs/es/runbooks/WolkvoxDataStale.md")).content.decode())
"""
    said = said_by(wheel, tmp_path, "-c", script)
    listed, _, page = said.partition("<!doctype html>")
    assert set(listed.split()) == set(pages)
    assert "Datos de wolkvox desactualizados" in page
    for name, path in pages.items():
        assert files(wheel)[f"exporter/bundle/{name}"] == path.read_bytes()


def test_wheel_carries_the_licence(wheel: Path) -> None:
    assert in_dist_info(wheel, "licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()


def test_wheel_makes_the_console_script(wheel: Path) -> None:
    parser = configparser.ConfigParser()
    parser.read_string(in_dist_info(wheel, "entry_points.txt").decode())
    assert dict(parser["console_scripts"]) == {"wolkvox-exporter": "exporter.__main__:main"}


def test_version_stands_in_one_place(wheel: Path) -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "version" not in table
    assert described(wheel)["Version"] == exporter.__version__
    assert exporter.__version__ not in (ROOT / "Dockerfile").read_text()


def test_metadata_tells_no_path_and_no_address(wheel: Path) -> None:
    fields = "\n".join(f"{name}: {value}" for name, value in described(wheel).items())
    assert "://" not in fields
    assert "@" not in fields
    assert os.fspath(ROOT) not in "".join(text.decode() for text in files(wheel).values())


def wheel_of(sdist: Path, folder: Path) -> Path:
    """Build a wheel from an sdist, as somebody who knows of no public repository."""
    # Debian's 3.11.2 has no extraction filter yet, and later Pythons warn without one.
    subprocess.run(["tar", "-xf", sdist, "-C", folder], check=True, timeout=60)
    build(folder / sdist.name.removesuffix(".tar.gz"), folder / "again", "wheel")
    (again,) = (folder / "again").glob("*.whl")
    return again


def test_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    assert files(wheel_of(sdist, tmp_path)) == files(wheel)


def links(markdown: str) -> set[str]:
    """Return where the links and the pictures of a text lead."""
    tokens = MarkdownIt().enable("table").parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    return {str(token.attrGet("href") or token.attrGet("src") or "") for token in inline} - {""}


def test_a_release_tells_where_its_project_is(wheel: Path, tmp_path: Path) -> None:
    build(ROOT, tmp_path, "wheel", "sdist", source_url=SOURCE_URL)
    (released,) = tmp_path.glob("*.whl")
    (sdist,) = tmp_path.glob("*.tar.gz")
    assert files(wheel_of(sdist, tmp_path)) == files(released)

    urls = dict(entry.split(", ") for entry in described(released).get_all("Project-URL", []))
    assert urls.keys() == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert all(url.startswith(SOURCE_URL) for url in urls.values())

    own = links(str(described(wheel).get_payload()))
    told = {url for url in links(str(described(released).get_payload())) if url.startswith(SOURCE_URL)}
    assert len(told) == len({link for link in own if "://" not in link and not link.startswith("#")})
    for url in told:
        kind, tag, path = url.removeprefix(f"{SOURCE_URL}/").partition("#")[0].split("/", 2)
        assert tag == f"v{exporter.__version__}"
        assert (ROOT / path).exists()
        assert kind == ("raw" if path.endswith(".png") else "blob")


def test_sdist_holds_what_a_user_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "PKG-INFO", "README.md", "config.example.yaml", "pyproject.toml"} <= names
    assert not [name for name in names if name.startswith(("tests/", ".venv/"))]


@pytest.mark.parametrize(
    "program", [[sys.executable, "-m", "exporter"], [Path(sys.executable).with_name("wolkvox-exporter")]]
)
def test_both_ways_to_start_it_tell_the_version(program: list[str | Path]) -> None:
    if not Path(program[0]).exists():
        pytest.skip("the console script is not installed beside this Python: test left out")
    result = subprocess.run(
        [*program, "--version"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert exporter.__version__ in result.stdout
