"""What an agent is given to read that cannot look for itself."""

from pathlib import Path

from runner.workspace.text_files import LARGEST, text_files


def test_what_is_text_is_named_by_its_path_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "b.py").write_text("b = 1\n")
    (tmp_path / "a.md").write_text("ä\n", encoding="utf-8")
    (tmp_path / "empty").touch()
    assert text_files(tmp_path) == ("a.md", "empty", "src/b.py")


def test_binary_files_long_files_and_links_are_not_given(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    (tmp_path / "nul").write_bytes(b"text\0text")
    (tmp_path / "long.csv").write_text("x" * (LARGEST + 1))
    (tmp_path / "whole.csv").write_text("x" * LARGEST)
    (tmp_path / "link").symlink_to("whole.csv")
    (tmp_path / "astray").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(".")
    assert text_files(tmp_path) == ("whole.csv",)
