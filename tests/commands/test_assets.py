from pathlib import Path

import pytest

from exporter.__main__ import main
from exporter.assets import bundled

RULES = Path("prometheus/rules/wolkvox-campaign-alerts.yml")


def test_every_file_is_written_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "folder"
    assert main(["assets", "--to", str(folder)]) == 0
    assert [folder / asset.path for asset in bundled()] == [
        Path(line) for line in capsys.readouterr().out.splitlines()
    ]
    for asset in bundled():
        assert (folder / asset.path).read_bytes() == asset.content
        assert (folder / asset.path).stat().st_mode & 0o777 == 0o644
    assert not list(folder.rglob(".*"))


def test_again_changes_nothing(tmp_path: Path) -> None:
    assert main(["assets", "--to", str(tmp_path)]) == 0
    assert main(["assets", "--to", str(tmp_path)]) == 0


def test_a_file_of_the_users_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / RULES
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert main(["assets", "--to", str(tmp_path)]) == 1
    assert str(mine) in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text() == "mine"
    assert main(["assets", "--to", str(tmp_path), "--overwrite"]) == 0
    assert mine.read_text() != "mine"


def test_a_folder_that_is_a_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    assert main(["assets", "--to", str(file)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"wolkvox-exporter: cannot write {file}/")
    assert told.endswith(": Not a directory\n")


def test_rules_are_fitted_to_the_poll_interval(tmp_path: Path) -> None:
    assert main(["assets", "--to", str(tmp_path), "--poll-interval", "15m"]) == 0
    assert "[48m]" in (tmp_path / RULES).read_text()
    example = Path("alertmanager/alertmanager.example.yml")
    assert "group_interval: 5m" in (tmp_path / example).read_text()


@pytest.mark.parametrize("interval", ["0s", "soon", "-5m"])
def test_an_interval_that_is_none_is_refused(interval: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["assets", "--to", str(tmp_path / "x"), f"--poll-interval={interval}"])
    assert not (tmp_path / "x").exists()
