// The mark beside a heading is a link to it. Pressing it copies the address as well, and says so. site.js loads this on the first use.

const WORDS = {
  ja: {name: "この見出しの URL をコピー", done: "URL をコピーしました", failed: "URL はアドレスバーにあります"},
  en: {name: "Copy the address of this heading", done: "Address copied", failed: "The address is in the address bar"},
}

/** The short address of a heading: without what was searched for or ticked on the page. */
export function address(page, id) {
  const url = new URL(page)
  return `${url.origin}${url.pathname.replace(/index\.html$/, "")}#${id}`
}

const words = () => WORDS[document.documentElement.lang] ?? WORDS.en
let status

/** Say what the mark does when it is pointed at or has the focus. */
export function name(link) {
  link.title = words().name
}

/** Copy the address of a heading; the link itself is followed as any other. */
export async function copy(link) {
  let said = words().done
  try {
    await navigator.clipboard.writeText(address(location.href, decodeURIComponent(link.hash.slice(1))))
  } catch {
    said = words().failed // no permission, or no secure context
  }
  if (!status) {
    status = document.createElement("p")
    status.className = "lane-words"
    status.setAttribute("role", "status")
    document.body.append(status)
  }
  status.textContent = ""
  setTimeout(() => { status.textContent = said }, 50) // the same words twice would be announced once
  link.dataset.side = link.getBoundingClientRect().left > innerWidth / 2 ? "end" : "start" // there has to be room for the words
  link.dataset.said = said
  setTimeout(() => { delete link.dataset.said }, 2000)
}
