// The filter of the glossary: terms and meanings that hold what was typed, in either language. Without it all are there.

/** A text as it is compared: full and half width, capital and small letters, hiragana and katakana are one. */
export function folded(text) {
  return text.normalize("NFKC").toLowerCase().replace(/[ぁ-ゖ]/g, letter => String.fromCharCode(letter.charCodeAt(0) + 0x60))
}

/** Whether a text holds every word of what was typed. */
export function holds(text, typed) {
  const whole = folded(text)
  return folded(typed).split(/\s+/).filter(Boolean).every(word => whole.includes(word))
}

function start(form) {
  const field = form.querySelector("input")
  const said = form.querySelector("[role=status]")
  const terms = [...document.querySelectorAll("h3[id]")].filter(head => head.nextElementSibling?.classList.contains("glossary-other")).map(head => {
    const parts = [head]
    while (parts.at(-1).nextElementSibling && !/^H[1-3]$/.test(parts.at(-1).nextElementSibling.tagName)) parts.push(parts.at(-1).nextElementSibling)
    return {parts, text: parts.map(part => part.textContent).join(" ")}
  })

  function filter() {
    let count = 0
    for (const {parts, text} of terms) {
      const shown = holds(text, field.value)
      if (shown) count += 1
      for (const part of parts) part.hidden = !shown
    }
    said.textContent = field.value.trim() ? form.dataset.found.replace("{count}", count) : ""
  }

  field.addEventListener("input", filter)
  form.addEventListener("submit", event => event.preventDefault())
  // An address that names a term shows it, whatever was typed before.
  addEventListener("hashchange", () => { field.value = ""; filter() })
  form.hidden = false
  filter()
}

for (const form of globalThis.document?.querySelectorAll(".glossary-filter") ?? []) start(form)
