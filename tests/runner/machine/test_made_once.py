"""A folder of the cache is there whole or not at all."""

from pathlib import Path

import pytest

from runner.machine.made_once import making


def test_a_folder_gets_its_name_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "a"
    with making(folder, is_made=folder.is_dir) as aside:
        assert aside is not None
        (aside / "file").write_text("x")
        assert not folder.exists()
    assert (folder / "file").read_text() == "x"
    with making(folder, is_made=folder.is_dir) as aside:
        assert aside is None


def test_what_fails_or_was_killed_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    (tmp_path / ".a.dead").mkdir()

    def fails() -> None:
        with making(folder, is_made=folder.is_dir) as aside:
            assert aside is not None
            (aside / "file").write_text("x")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
