"""The search finds entities by words, from any page, by keyboard, and from a disk."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from sitegen.publish import publish
from tests.sites import NARROW, example_site


def asked(page: Page, words: str) -> list[str]:
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.wait_for_selector("#found a, .said:not(:empty)")
    return page.locator("#found a").all_inner_texts()


def test_words_in_any_order_find_it_and_enter_goes_there(
    browser: Browser, example_url: str
) -> None:
    page = browser.new_page()
    page.goto(f"{example_url}models/qwen3.6-27b.html")
    found = asked(page, "pi 120b")
    assert [each.split("\n")[0].strip() for each in found] == [
        "gpt-oss-120b MXFP4 + Pi"
    ]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{example_url}combos/gpt-oss-120b--mxfp4--pi.html")
    page.close()


def test_nothing_found_is_said_and_escape_leaves_it(
    browser: Browser, example_url: str
) -> None:
    page = browser.new_page(viewport={"width": NARROW, "height": 700})
    page.goto(example_url)
    assert asked(page, "no such thing") == []
    expect(page.locator(".said")).to_have_text("No page has these words.")
    page.keyboard.press("Escape")
    expect(page.locator(".search")).to_be_hidden()
    expect(page.get_by_role("button", name="Search")).to_be_focused()
    page.close()


def test_it_is_fetched_when_it_is_asked_for_and_works_from_a_disk(
    browser: Browser, tmp_path: Path
) -> None:
    publish(example_site(), tmp_path / "site")
    page = browser.new_page()
    page.goto((tmp_path / "site" / "tasks" / "index.html").as_uri())
    assert not page.locator("script[data-pages]").count()
    page.get_by_role("button", name="Search").click()
    page.keyboard.type("aider harness")
    page.wait_for_selector("#found a")
    page.locator("#found a").first.click()
    expect(page.locator("h1")).to_have_text("Aider")
    page.close()
