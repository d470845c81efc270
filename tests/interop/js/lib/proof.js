// What a test proved, as a line of `$REHEARSE_INTEROP/$REHEARSE_SUITE.jsonl`.
// A line is written when the test has its outcome, and says what that was.

import { appendFileSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'

const { name, version } = JSON.parse(readFileSync('node_modules/@icure/api/package.json', 'utf8'))
const client = `${name} ${version}`

const folder = process.env.REHEARSE_INTEROP
// The test runner gives each file a process of its own.
const file = `tests/interop/js/${basename(process.argv[1])}`
const lines = folder && join(folder, `${process.env.REHEARSE_SUITE}.jsonl`)

function record(operation, outcome, where, note) {
  if (!lines) return
  const line = { client, operation, outcome, test: where, ...(note && { note }) }
  appendFileSync(lines, JSON.stringify(line) + '\n')
}

// A test of one or several operations; `body` may return a note.
export function proves(operations, title, body, outcome = 'passed') {
  const where = `${file}: ${title}`
  test(title, async (context) => {
    let note
    try {
      note = await body(context)
    } catch (error) {
      for (const operation of operations) record(operation, 'failed', where)
      throw error
    }
    for (const operation of operations) record(operation, outcome, where, note)
  })
}

// A test that the client has no such operation.
export function notOffered(operation, title, body) {
  proves([operation], title, body, 'not offered')
}
