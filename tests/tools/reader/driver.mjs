// Reads one JSON string per line from standard input, writes the reader's result for each as a line of JSON.
// {"text": "…", "choice": {…}} is read with the reader's second argument. {"seconds": true, "text": …} also measures.
import { createInterface } from "node:readline";
import { readTraceback } from "../../../docs/assets/javascripts/traceback/reader.js";

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const asked = JSON.parse(line);
  const { text, choice, seconds } = typeof asked === "string" ? { text: asked } : asked;
  const start = process.hrtime.bigint();
  let answer;
  try {
    answer = readTraceback(text, choice);
  } catch (error) {
    answer = { thrown: String(error && error.stack) };
  }
  if (seconds) answer = { seconds: Number(process.hrtime.bigint() - start) / 1e9, tracebacks: answer.tracebacks?.length, thrown: answer.thrown };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
