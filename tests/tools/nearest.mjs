// Standard input: {pages: [[address, title]], asked: [path]}. Standard output: per path its words and the addresses proposed.
import { text } from "node:stream/consumers"
import { nearest, normal, words } from "../../docs/assets/javascripts/missing/nearest.js"

const { pages, asked } = JSON.parse(await text(process.stdin))
console.log(JSON.stringify(asked.map(path => ({ normal: normal(path), words: words(path), found: nearest(path, pages).map(page => page.url) }))))
