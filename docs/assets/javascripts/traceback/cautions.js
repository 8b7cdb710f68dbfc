// What looks like a secret in a text, so that the page can warn; and how to mask it. Every expression is bounded: a text may
// be very long and anything at all.

const SECRETS = {
  cookies: /\b(?:set-)?cookie['"]?\s{0,3}[:=]\s{0,3}['"]?[\w.-]{1,60}=|\bHTTP_COOKIE\b|\b(?:sessionid|csrftoken)['"]?\s{0,3}[=:]\s{0,3}['"]?[A-Za-z0-9]{8}/i,
  authorization: /\b(?:proxy-|http_)?authorization['"]?\s{0,3}[:=]\s{0,3}['"]?(?:basic|bearer|token|digest|apikey|negotiate)\s{1,3}[\w+/=.~-]{6}|\bx-api-key['"]?\s{0,3}[:=]\s{0,3}['"]?[\w-]{8}/i,
  secret_key: /\b(?:SECRET_KEY(?:_FALLBACKS)?|[A-Z][A-Z_]{0,40}_SECRET(?:_KEY)?)['"]?\s{0,3}(?:[:=]\s{0,3}|\s{1,3})['"]?(?!\*{4})[\w!@#$%^&*()+=/-]{8}/,
  password: /\b(?:password|passwd|pwd)['"]?\s{0,3}[:=]\s{0,3}(?!['"]?(?:\*{3}|None\b|password\b))(?:['"][^'"\s]{3}|[\w!@#$%^&*+-]{6,80}(?=[\s,;]|$))/i,
  url: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"<>]{0,80}:(?!\*{3})[^\s:/@'"<>]{1,120}@[\w.[-]/i,
  token: /\b(?:gh[oprsu]_[A-Za-z0-9]{20}|github_pat_\w{20}|glpat-[\w-]{16}|xox[abeprs]-[\w-]{10}|[sr]k_(?:live|test)_\w{10}|AKIA[A-Z0-9]{16}|AIza[\w-]{30}|SG\.[\w-]{16}|eyJ[\w-]{10,2000}\.eyJ[\w-]{5}|sk-[\w-]{20})|\b(?:access_token|refresh_token|api_?key|auth_token|client_secret)['"]?\s{0,3}[:=]\s{0,3}['"]?(?!\*{3})[\w.-]{10}/i,
  private_key: /-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY-----/,
  debug_page: /\bUsing settings module\b|\bRequest information\b|^(?:COOKIES|META|Settings):\s*$|\bYou(?:'|’|&#x27;)re seeing this error because you have\b/m,
}

/** The kinds of secrets that a text seems to hold, as keys of `cautions` in reader.yml. */
export function cautions(text) {
  return Object.keys(SECRETS).filter(kind => SECRETS[kind].test(text))
}

const MASKS = [
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"<>]{0,80}:)[^\s:/@'"<>]{1,120}@/gi, "$1***@"],
  [/\b((?:proxy-|http_)?authorization['"]?\s{0,3}[:=]\s{0,3}['"]?(?:\w{1,12}\s{1,3})?)[\w+/=.~-]{6,4000}/gi, "$1***"],
  [/\b((?:password|passwd|pwd|secret(?:_key)?|\w{0,30}_secret(?:_key)?|access_token|refresh_token|api_?key|auth_token|x-api-key|sessionid|csrftoken|token)['"]?\s{0,3}[:=]\s{0,3})(?:'[^'\n]{1,500}'|"[^"\n]{1,500}"|[^\s'",;)&]{3,500})/gi, "$1***"],
  [/\b((?:set-)?cookie['"]?\s{0,3}[:=]\s{0,3})[^\n]{1,4000}/gi, "$1***"],
  [/\b(?:gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|[sr]k_(?:live|test)_|AKIA|AIza|SG\.|sk-)[\w-]{10,400}|\beyJ[\w-]{10,2000}\.eyJ[\w.-]{5,4000}/g, "***"],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]{0,8000}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, "***"],
  // Who somebody is on their own machine is nobody's business either.
  [/(?:\/home|\/Users)\/[^/\s'"]{1,64}(?=\/)/g, "~"],
  [/\b[A-Za-z]:[\\/]Users[\\/][^\\/\s'"]{1,64}(?=[\\/])/gi, "~"],
]

/** A text with what looks like a secret, or like a home folder, masked. */
export function mask(text) {
  return MASKS.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
}

const LANGUAGES = {
  java: /^\s{0,8}at [\w$.]{1,200}\.[\w$<>]{1,80}\([\w$]{1,80}\.(?:java|kt|scala|groovy):\d|^\s{0,8}at [\w$.]{1,200}\((?:Native Method|Unknown Source)\)/m,
  dotnet: /^\s{0,8}at [\w.`<>+]{1,200}\([^\n)]{0,300}\)(?: in [^\n]{1,200}:line \d)|^Unhandled exception\. System\./m,
  javascript: /^\s{0,8}at [^\n]{0,200}(?:\.(?:[cm]?[jt]sx?|vue)|node:\w{1,40}|<anonymous>):\d{1,7}:\d|^[^\n@]{0,80}@(?:https?|file):[^\n]{1,200}:\d{1,7}:\d/m,
  go: /^goroutine \d{1,9} \[|^panic: [^\n]{1,300}\n\n?goroutine/m,
  ruby: /^\s{0,8}(?:from )?[^\s:]{1,200}\.rb:\d{1,7}:in [`']/m,
  php: /\bPHP (?:Fatal error|Warning|Parse error)|^#\d{1,3} [^\n]{1,200}\.php\(\d/m,
  rust: /\bthread '[^'\n]{1,80}' (?:\(\d{1,9}\) )?panicked at /m,
}

/** The language whose stack trace a text seems to be (a key of `languages` in reader.yml), or null. */
export function otherLanguage(text) {
  const beginning = text.slice(0, 200_000)
  return Object.keys(LANGUAGES).find(name => LANGUAGES[name].test(beginning)) ?? null
}
