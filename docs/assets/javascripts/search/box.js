// What this site adds to Material's search box; loaded when the box is used.

const TEXTS = {
  ja: {
    loading: "検索機能を読み込んでいます", other: "英語のページを検索", hits: n => `：${n} 件`,
    none: "語を減らすか、別の言い方で試してください。メッセージは、一部だけでも見つかります。",
    ways: [["troubleshoot/", "症状から引く"], ["troubleshoot/stack-traces/patterns/", "スタックトレースのパターン集"]],
  },
  en: {
    loading: "Loading the search", other: "Search the Japanese pages", hits: n => n === 1 ? ": 1 hit" : `: ${n} hits`,
    none: "Try fewer words, or other ones. Part of a message is enough.",
    ways: [["en/troubleshoot/", "Symptoms"], ["en/troubleshoot/stack-traces/patterns/", "Patterns of stack traces"]],
  },
}
const QUERY = 2, RESULT = 3 // messages of the worker

const texts = TEXTS[document.documentElement.lang] ?? TEXTS.ja
const input = document.querySelector(".md-search__input")
const meta = document.querySelector(".md-search-result__meta")
const list = document.querySelector(".md-search-result__list")
const config = JSON.parse(document.getElementById("__config").textContent)

/** A line of the list that the arrow keys reach as they reach the results. Enter in the box takes the line with the highest score. */
function line(href, text, score) {
  const link = document.createElement("a"), article = document.createElement("article")
  link.className = "md-search-result__link"
  link.tabIndex = -1
  link.href = href
  article.className = "md-search-result__article md-typeset"
  article.dataset.mdScore = score
  article.append(text)
  link.append(article)
  return link
}

/** How many pages of the other language fit the query. */
let other
function count(query) {
  if (!other) {
    const worker = new Worker(`${config.search.split("#")[0]}#${document.documentElement.lang === "ja" ? "en" : "ja"}`)
    other = question => new Promise(answer => {
      worker.onmessage = ({data}) => data.type === RESULT && answer(data.data.items.length)
      worker.postMessage({type: QUERY, data: question})
    })
  }
  return other(query)
}

const ways = document.createElement("li")
ways.className = "md-search-result__item search-ways"
let shown = ""

/** The ways on, behind the results: the same search in the other language; without results, what else may help. */
function show() {
  const found = list.querySelector("li:not(.search-ways)") !== null, none = meta.textContent === config.translations["search.result.none"]
  const query = found || none ? input.value.trim() : "" // else no answer has come yet
  const state = `${query} ${found}`
  if (state !== shown) {
    shown = state
    ways.replaceChildren()
    const link = document.querySelector("a.md-select__link:not([hreflang='" + document.documentElement.lang + "'])")
    if (query && link) {
      const address = new URL(link.href)
      address.search = new URLSearchParams({q: query})
      const text = document.createElement("span")
      text.textContent = texts.other
      if (!found) {
        const help = document.createElement("p")
        help.textContent = texts.none
        ways.append(help, ...texts.ways.map(([path, title], i) => line(new URL(path, new URL(config.base + "/", location.href)), title, -2 - i)))
        // Only for who stops typing: it loads the other language's index.
        setTimeout(() => state === shown && count(query).then(n => state === shown && text.append(texts.hits(n))), 400)
      }
      ways.append(line(address, text, -1))
    }
  }
  if (ways.childElementCount === 0) ways.remove()
  else if (list.lastElementChild !== ways) list.append(ways) // Material empties the list, and adds to it when it is scrolled
}

new MutationObserver(show).observe(list, {childList: true})
new MutationObserver(show).observe(meta, {childList: true, characterData: true, subtree: true})
// Material listens to keys only: not to what is pasted with the mouse, dictated or taken from a list of proposals.
const typed = () => input.dispatchEvent(new KeyboardEvent("keyup"))
input.addEventListener("input", typed)

// Material passes on what is typed and nothing else: a space, taken back at once, lets the worker load before the first word.
if (!input.value) {
  input.value = " "
  typed()
  input.value = ""
  meta.textContent = texts.loading
}
typed()
