// The state of the sizing calculator in an address (`?v=1&arrival=100&compute_ms=20&…`), and back. No DOM.
// A state has a value for every field: a number, or one of a choice's values. What an address says of another kind becomes the nearest value there is.

/** Where the configuration builder leaves its choice (`asgi.uvicorn.systemd.none`) in the address, to find it again when the reader comes back. */
export const CHOICE = "config"

/** The state that the form shows at first. */
export function start(fields) {
  return Object.fromEntries(fields.map(field => [field.id, field.start]))
}

/** The nearest value of a field to a text or a number; null for what is no number, or none of the choices. */
export function nearest(field, given) {
  const text = String(given).normalize("NFKC").trim()
  if (field.values) return field.values.includes(text) ? text : null
  if (text.length > 40 || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text)) return null
  const within = Math.min(field.max, Math.max(field.min, Number(text)))
  // Steps are whole or tenths; through tenths, so that 0.1 + 0.2 stays 0.3.
  const stepped = field.step < 1 ? Math.round(within * 10) / 10 : Math.round(within)
  return Math.min(field.max, Math.max(field.min, stepped))
}

/**
 * Read an address. What it does not say is as at the start.
 * Returns {state, corrected: [{field, given, used}], unknown: [name], another (made by another version)}; names are only unknown where the version
 * says that the calculator made the address, since others leave their own parameters in it.
 */
export function parse(search, {fields, version}) {
  const given = new URLSearchParams(search)
  const state = start(fields)
  const corrected = []
  for (const field of fields) {
    const values = given.getAll(field.id)
    if (!values.length) continue
    const used = nearest(field, values[0])
    if (used !== null) state[field.id] = used
    const same = used !== null && values.length === 1 && (field.values ? used === values[0] : used === Number(values[0]))
    if (!same) corrected.push({field, given: values.join(", ").slice(0, 40), used: state[field.id]})
  }
  const made = given.has("v")
  const known = new Set(["v", "h", CHOICE, ...fields.map(field => field.id)]) // h: the words that the search marks
  const unknown = made ? [...new Set(given.keys())].filter(name => !known.has(name)).map(name => name.slice(0, 40)) : []
  return {state, corrected, unknown, another: made && given.get("v") !== String(version)}
}

/** The inverse of `parse`: a state put into an address, every value of it, so that it means the same when the start changes; what others keep there stays. */
export function format(state, {fields, version}, url) {
  for (const name of ["v", ...fields.map(field => field.id)]) url.searchParams.delete(name)
  url.searchParams.set("v", version)
  for (const field of fields) url.searchParams.set(field.id, state[field.id])
  return url
}
