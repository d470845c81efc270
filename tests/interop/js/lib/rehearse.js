// Our own side: the `rehearse` binary, with a vault of its own.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const scratch = process.env.REHEARSE_SCRATCH
const vault = join(scratch, 'credentials.vault')

// Runs the binary, which must end well.
function rehearse(...args) {
  return new Promise((resolve, reject) => {
    execFile(process.env.REHEARSE, args, { cwd: scratch, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`rehearse ${args[0]} failed:\n${stdout}\n${stderr}`))
      else resolve(stdout)
    })
  })
}

// Plays the steps once. A scenario is YAML, and so is JSON.
export async function play(vars, steps) {
  const file = join(scratch, `${randomUUID()}.yaml`)
  const scenario = { name: 'interop', vars, scenarios: { somebody: { vus: 1, iterations: 1, steps } } }
  writeFileSync(file, JSON.stringify(scenario))
  const shown = await rehearse(
    'run', file, '--target', process.env.REHEARSE_TARGET, '--vault', vault, '--reports', join(scratch, 'reports')
  )
  assert.match(shown, /iterations\s+1 ok, 0 failed/)
}

// Credentials of somebody of @icure/api, into the vault.
export async function importCredentials(name, { login, token, user, keys }) {
  const file = join(scratch, `${name}.json`)
  const { id: userId, groupId } = user
  writeFileSync(file, JSON.stringify({ name, login, token, userId, groupId, keyPairs: [keys] }))
  await rehearse('vault', 'import', file, '--vault', vault)
}

// Credentials of somebody of rehearse, out of the vault.
export async function exportCredentials(name) {
  const file = join(scratch, `${name}.exported.json`)
  await rehearse('vault', 'export', name, '--reveal', '--out', file, '--vault', vault)
  const [{ login, token, keyPairs }] = JSON.parse(readFileSync(file, 'utf8'))
  return { login, token, keys: keyPairs[0] }
}
