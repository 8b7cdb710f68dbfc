// Asks the modules of the configuration builder: one JSON request on standard input, one JSON answer on standard output.
import { readFileSync } from "node:fs"

const folder = new URL("../../docs/assets/javascripts/config/", import.meta.url)
const [choices, comments, files, build] = await Promise.all(["choices", "comments", "files", "build"].map(name => import(new URL(`${name}.js`, folder))))
const { texts, combinations = {}, known, ask } = JSON.parse(readFileSync(0, "utf8"))

const asks = {
  /** The bodies of the files of each choice in English and in Japanese, with what the source is. */
  files: list => list.map(choice => files.filesOf(choice, texts).map(file => ({
    path: file.path, source: file.source, edits: file.edits?.length ?? 0, sizes: file.sizes?.length ?? 0,
    en: build.body(file, texts), ja: build.body(file, texts, known), left: comments.untranslated(build.body(file, texts), known),
  }))),
  finished: list => list.map(choice => build.build(choice, { texts, comments: known, address: "https://example.org/?a=b", ran: "ran" })),
  parse: list => list.map(search => {
    const { choice, changed } = choices.parse(search, combinations)
    return { choice, changed, formatted: choices.format(choice), key: choices.key(choice) }
  }),
  nearest: list => list.map(([wanted, kept]) => choices.nearest(wanted, combinations, kept)),
  choices: list => list.map(name => { const choice = choices.fromKey(name); return { ...choice, ...choices.sizes(choice) } }),
}
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(ask).map(([name, list]) => [name, asks[name](list)]))))
