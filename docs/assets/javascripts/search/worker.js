// Stands in for Material's search worker, of which it speaks the four messages: setup, ready, query, result. Material starts
// it and sets it up with every page, so it is small and ready at once: engine and index load with the first query that is not
// empty. The language is the part of its address behind #.

const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3
const lang = location.hash.slice(1) || "ja"
const FAILED = {
  ja: ["検索機能を読み込めませんでした", "ネットワークの接続を確かめて、もう一度入力してください。"],
  en: ["The search could not be loaded", "Check your connection to the network, then type again."],
}[lang]

let loading
const load = () => loading ??= start().catch(error => {
  loading = undefined // the next query tries again
  throw error
})

async function start() {
  const [engine, answer] = await Promise.all([import("./engine.js"), fetch(new URL(`../../../search/${lang}.json`, location.href))])
  if (!answer.ok) throw new Error(`${answer.url} answers ${answer.status}.`)
  const index = engine.load(await answer.json())
  return query => engine.search(index, query)
}

let last // the query that came last: what came before it, while the index was loading, needs no answer any more

addEventListener("message", async ({data: {type, data: query}}) => {
  if (type === SETUP) postMessage({type: READY})
  if (type !== QUERY) return
  const mine = last = {}
  let items = []
  try {
    if (query || loading) {
      const search = await load()
      if (mine === last) items = search(query)
    }
  } catch {
    if (query.trim()) items = [[{location: "", title: FAILED[0], text: FAILED[1], score: 1, terms: {}}]]
  }
  if (mine === last) postMessage({type: RESULT, data: {items}})
})
