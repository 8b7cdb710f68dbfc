"""What the copy buttons of a page give, by the clipboard of a real browser."""

# In one go per page: a page may have dozens of blocks. A block in a tab that is not shown has a button all the same. While a
# block is copied it is alone in its article: copying lays out the page, which of a long page takes most of the time.
COPY = """async selector => {
    const article = document.querySelector("article"), whole = [...article.childNodes], found = []
    for (const block of document.querySelectorAll(selector)) {
        const place = document.createComment("")
        block.replaceWith(place)
        article.replaceChildren(block)
        await navigator.clipboard.writeText("nothing was copied")
        let text = "nothing was copied"
        for (let tries = 0; tries < 1000 && text === "nothing was copied"; tries++) {
            // Again as a reader would, where a busy machine swallowed the first; on the button that is there now.
            if (tries % 100 === 0) block.querySelector("button[data-clipboard-target], button.md-clipboard").click()
            await new Promise(resolve => setTimeout(resolve, 10))
            text = await navigator.clipboard.readText()
        }
        found.push([block.dataset.snippet, block.querySelector(".filename")?.textContent ?? "", text])
        place.replaceWith(block)
    }
    article.replaceChildren(...whole)
    return found
}"""


def copied(page, selector: str) -> list[tuple[str, str, str]]:
    """(path below snippets/, file name as shown, text) of each block of the open page that `selector` finds."""
    for _ in range(2):  # a page whose buttons did nothing is loaded again, as a reader would
        page.wait_for_function("document.querySelectorAll('[data-snippet] button').length >= document.querySelectorAll('[data-snippet]').length")
        blocks = [tuple(block) for block in page.evaluate(COPY, selector)]
        if all(text != "nothing was copied" for _, _, text in blocks):
            break
        page.reload()
    return blocks
