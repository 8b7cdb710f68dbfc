// Standard input: {module, calls: [[function, arguments]]}. Standard output: what each returns; an address as text, a failure as {error}.
import { text } from "node:stream/consumers"

const { module, calls } = JSON.parse(await text(process.stdin))
const loaded = await import(`../../docs/assets/javascripts/${module}`)
console.log(JSON.stringify(calls.map(([name, args]) => {
  const found = loaded[name](...args)
  return found instanceof URL ? found.href : found ?? null
})))
