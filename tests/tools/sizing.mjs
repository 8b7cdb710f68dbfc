// Standard input: [[function, ...arguments]]. Standard output: what each function of the sizing calculator returns, Infinity as "Infinity".
import { text } from "node:stream/consumers"
import * as model from "../../docs/assets/javascripts/sizing/model.js"
import * as page from "../../docs/assets/javascripts/sizing/page.js"
import * as state from "../../docs/assets/javascripts/sizing/state.js"

const known = {
  ...model, ...state, ...page,
  format: (values, data, address) => state.format(values, data, new URL(address)).href,
}
const asked = JSON.parse(await text(process.stdin), (_, value) => value === "Infinity" ? Infinity : value)
const answers = asked.map(([name, ...rest]) => known[name](...rest))
console.log(JSON.stringify(answers, (_, value) => value === Infinity ? "Infinity" : value))
