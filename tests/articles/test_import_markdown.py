"""``import_markdown``: which files it takes, what it says and how it ends."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles.importing import MarkdownImport, find_files, slug_of
from articles.models import Article

Write = Callable[..., Path]


class TestFindingFiles:
    def names(self, path: Path) -> list[str]:
        return [str(found.relative_to(path)) for found in find_files(path)]

    def test_goes_into_folders_in_order_of_name(self, write: Write, tmp_path: Path) -> None:
        for name in ("b.md", "a.markdown", "c/d.MD", "c/e/f.md", "notes.txt", "a.md.bak"):
            write(name)
        assert self.names(tmp_path) == ["a.markdown", "b.md", "c/d.MD", "c/e/f.md"]

    def test_leaves_out_what_is_hidden(self, write: Write, tmp_path: Path) -> None:
        for name in (".git/a.md", ".b.md", "c.md"):
            write(name)
        assert self.names(tmp_path) == ["c.md"]

    def test_does_not_follow_links_round_and_round(self, write: Write, tmp_path: Path) -> None:
        write("posts/a.md")
        (tmp_path / "posts/again").symlink_to(tmp_path)
        (tmp_path / "posts/self").symlink_to(tmp_path / "posts")
        assert self.names(tmp_path) == ["posts/a.md"]

    def test_follows_a_link_to_somewhere_else(self, write: Write, tmp_path: Path) -> None:
        write("elsewhere/a.md")
        (tmp_path / "posts").mkdir()
        (tmp_path / "posts/link").symlink_to(tmp_path / "elsewhere")
        assert self.names(tmp_path / "posts") == ["link/a.md"]

    def test_takes_a_named_file_whatever_its_ending(self, write: Write) -> None:
        path = write("post.txt")
        assert list(find_files(path)) == [path]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("On Rest.md", "on-rest"),
        ("2026-11-22-on-rest.md", "on-rest"),
        ("2026-11-22_on-rest.markdown", "on-rest"),
        ("2026-11-22.md", "2026-11-22"),
        ("on-rest/index.md", "on-rest"),
        ("हिन्दी.md", "हिन्दी"),
    ],
)
def test_slug_of_a_file_name(tmp_path: Path, name: str, slug: str) -> None:
    assert slug_of(tmp_path / name) == slug


@pytest.mark.django_db
class TestCommand:
    def test_counts_names_what_is_broken_and_imports_the_rest(
        self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        list(MarkdownImport().run([write("same.md"), write("changed.md")]))
        write("changed.md", "title: Other")
        write("a.md", "title: T\ndate: yesterday")
        write("b.md", "title: T\ntags: [x]\nlayout: post")
        write("z.md")
        with pytest.raises(CommandError, match="1 file could not be imported") as error:
            call_command("import_markdown", str(tmp_path))
        assert error.value.returncode == 1
        out, err = capsys.readouterr()
        assert "2 articles added, 1 updated, 1 unchanged, 1 broken." in out
        assert err.splitlines() == [
            f"{tmp_path}/a.md:3: date “yesterday” is not a date such as 2026-11-22.",
            f"{tmp_path}/b.md:4: warning: “layout” is no known key and was ignored.",
        ]
        assert Article.objects.filter(slug="z").exists()

    def test_ends_well_when_all_is_well(
        self, write: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("import_markdown", str(write("a.md")))
        assert capsys.readouterr() == ("1 article added, 0 updated, 0 unchanged, 0 broken.\n", "")

    def test_a_path_that_does_not_exist(
        self, write: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(CommandError):
            call_command("import_markdown", "/none/at/all", str(write("a.md")))
        assert capsys.readouterr().err == "/none/at/all: there is no such file or folder.\n"
        assert Article.objects.count() == 1

    def test_a_file_name_that_is_no_utf8_can_be_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("nothing")
        with pytest.raises(CommandError):
            call_command("import_markdown", str(tmp_path))
        assert "caf?.md:1: there is no front matter" in capsys.readouterr().err
