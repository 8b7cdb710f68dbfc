// What can be read without a connection, on the page about it.

const WORDS = {
  ja: {
    asked: "このページはまだ保存されていません：", retry: "もう一度開く", none: "保存されているページはまだありません。", some: count => `${count} ページを接続なしで読めます。`,
    all: "残りもすべて保存する", progress: (done, of) => `保存しています（${done} / ${of}）`, kept: "すべて保存しました。", stopped: "接続が切れました。再びつながると、続きから保存します。",
    records: "開いたことのある実行記録",
    preview: "これはプレビューなので、何も保存しません。保存するサイトは scripts/build で作ります。",
  },
  en: {
    asked: "This page has not been saved yet: ", retry: "Try again", none: "No page has been saved yet.", some: count => `${count} pages can be read without a connection.`,
    all: "Save the rest as well", progress: (done, of) => `Saving (${done} of ${of})`, kept: "Everything is saved.", stopped: "The connection was lost. Saving resumes when it is back.",
    records: "Records you have opened",
    preview: "Nothing is saved in a preview; scripts/build makes the site that does.",
  },
}

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)
  return element
}

export async function show(shelf, root, lang, keepAll) {
  const words = WORDS[lang] ?? WORDS.en
  const status = make("p", { role: "status" })
  const more = make("p", {}, make("button", { type: "button", textContent: words.all, onclick: keepAll }))
  const lists = make("div", {})
  shelf.replaceChildren(...asked(root, words), status, more, lists)

  async function draw() {
    const { pages, left } = await kept(root, lang)
    const records = pages.filter(([url]) => /(^|\/)evidence\/./.test(url))
    const others = pages.filter(page => !records.includes(page))
    if (!status.dataset.busy) status.textContent = pages.length ? words.some(pages.length) : words.none
    more.hidden = !left
    lists.replaceChildren(list(others, root), ...(records.length ? [make("p", { textContent: words.records }), list(records, root)] : []))
  }

  document.addEventListener("offline", async ({ detail }) => {
    if (detail.type === "progress") {
      status.dataset.busy = "1"
      status.textContent = words.progress(detail.done, detail.of)
    } else if (detail.type === "kept" || detail.type === "stopped") {
      const wasBusy = status.dataset.busy
      delete status.dataset.busy
      await draw()
      if (wasBusy) status.textContent = detail.type === "kept" ? words.kept : words.stopped
    }
  })
  await draw()
}

/** What the page says instead while the site is being written. */
export function preview(shelf, lang) {
  shelf.querySelector("p").textContent = (WORDS[lang] ?? WORDS.en).preview
}

/** The page that was wanted, when the service worker led here instead; only an address of this site is repeated. */
function asked(root, words) {
  const path = new URLSearchParams(location.search).get("asked")
  if (path === null) return []
  const url = new URL(path, root)
  if (!url.href.startsWith(root.href)) return []
  return [make("p", { className: "offline-asked" }, words.asked, make("code", { textContent: url.pathname }), " ", make("a", { href: url.href, textContent: words.retry }))]
}

function list(pages, root) {
  return make("ul", {}, ...pages.map(([url, title]) => make("li", {}, make("a", { href: new URL(url, root).href, textContent: title }))))
}

/** The kept pages of a language in the order of the navigation, and how many are still missing. */
async function kept(root, lang) {
  const mine = `${root.pathname}|`
  const there = new Set()
  let all = []
  for (const name of (await caches.keys()).filter(name => name.startsWith(mine))) {
    const cache = await caches.open(name)
    for (const request of await cache.keys()) there.add(request.url)
    const listed = await cache.match(new URL("pages.json", root))
    if (listed) all = (await listed.json())[lang].pages
  }
  const pages = all.filter(([url]) => there.has(new URL(url, root).href))
  const left = all.filter(([url]) => !/(^|\/)evidence\/./.test(url) && !there.has(new URL(url, root).href)).length
  return { pages, left }
}
