// Lighthouse over the addresses on standard input (JSON: addresses, runs, flags), one after the other in one browser: a line of
// JSON for each. Of several runs the one with the middle LCP counts: another program on the machine makes a page look slow.
// CHROME_PATH names the browser. Mobile preset with simulated throttling, as Lighthouse comes.

import {launch} from "chrome-launcher"
import lighthouse from "lighthouse"

const {addresses, runs, flags} = JSON.parse(await new Response(process.stdin).text())
const chrome = await launch({chromeFlags: ["--headless=new", ...flags], logLevel: "silent"})
try {
  for (const address of addresses) {
    const found = []
    for (let run = 0; run < runs; run++) found.push((await lighthouse(address, {port: chrome.port, logLevel: "silent", output: "json"})).lhr)
    const lcp = lhr => lhr.audits["largest-contentful-paint"].numericValue
    const lhr = found.sort((one, other) => lcp(one) - lcp(other))[Math.floor(runs / 2)]
    const requests = lhr.audits["network-requests"].details.items
    const kinds = {}
    for (const request of requests) kinds[request.resourceType] = (kinds[request.resourceType] ?? 0) + request.transferSize
    const scores = Object.fromEntries(Object.entries(lhr.categories).map(([name, {score}]) => [name, Math.round(score * 100)]))
    // What keeps a category from 100, by name: a reader of the table wants to know.
    const lost = Object.values(lhr.categories).flatMap(({auditRefs}) => auditRefs)
      .filter(({id, weight}) => weight && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9).map(({id}) => id)
    process.stdout.write(JSON.stringify({
      address: lhr.finalDisplayedUrl, scores, lost,
      lcp: Math.round(lcp(lhr)),
      shift: lhr.audits["cumulative-layout-shift"].numericValue,
      bytes: requests.reduce((sum, {transferSize}) => sum + transferSize, 0),
      kinds, requests: requests.length,
      others: requests.filter(({url}) => new URL(url).host && new URL(url).host !== new URL(address).host && !url.startsWith("data:")).length,
      lighthouse: lhr.lighthouseVersion, browser: lhr.environment.hostUserAgent.match(/Chrome\/[\d.]+/)[0],
    }) + "\n")
  }
} finally {
  await chrome.kill()
}
