// The offer of a newer version: said aloud by screen readers, reached with Tab, put away with Escape; it never takes the focus.

const WORDS = {
  ja: { text: "このページの新しい版があります。", reload: "再読み込み", close: "あとで" },
  en: { text: "There is a newer version of this page.", reload: "Reload", close: "Later" },
}

export function offer(lang, take) {
  if (document.querySelector(".newer")) return
  const words = WORDS[lang] ?? WORDS.en
  const notice = document.createElement("div")
  notice.className = "newer"
  notice.setAttribute("role", "status") // an empty live region first: what comes into it is announced
  document.body.append(notice)
  const close = () => notice.remove()
  const text = Object.assign(document.createElement("span"), { textContent: words.text })
  const reload = Object.assign(document.createElement("button"), { type: "button", textContent: words.reload, onclick: take })
  const later = Object.assign(document.createElement("button"), { type: "button", textContent: words.close, onclick: close })
  notice.addEventListener("keydown", event => event.key === "Escape" && close())
  setTimeout(() => notice.append(text, reload, later), 100)
}
