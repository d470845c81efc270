// What the tests prove, one JSON object a line, written when it has happened.

import { appendFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const CLIENT = '@icure/cardinal-sdk 1.0.0-RC.7 (Node)'

function write(operation, outcome, test, note) {
  const file = join(process.env.REHEARSE_INTEROP, `${process.env.REHEARSE_SUITE}.jsonl`)
  // The file that runs, which is the one with the tests.
  const name = `tests/interop/cardinal-js/${basename(process.argv[1])}: ${test.name}`
  const line = { client: CLIENT, operation, outcome, test: name, note }
  appendFileSync(file, JSON.stringify(line) + '\n')
}

/** The operation has passed when `work` ends, and failed when it throws. */
export async function proving(test, operation, work, note) {
  let result
  try {
    result = await work()
  } catch (error) {
    write(operation, 'failed', test, note)
    throw error
  }
  write(operation, 'passed', test, note)
  return result
}

/** The client has no such operation; the test has looked for it. */
export function notOffered(test, operation, note) {
  write(operation, 'not offered', test, note)
}
