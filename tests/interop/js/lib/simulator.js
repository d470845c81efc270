// The simulator's side: its target file, its gateway, its outbox. None of this
// is in @icure/api, so it is plain fetch.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

// The target file is YAML of one kind only: `key: "text"`, keys unique.
function readTarget(path) {
  const entries = readFileSync(path, 'utf8').matchAll(/^\s*(\w+): "(.*)"$/gm)
  return Object.fromEntries([...entries].map(([, key, text]) => [key, text]))
}

export const target = readTarget(process.env.REHEARSE_TARGET)

// The version of the API that 6.x was written for.
export const host = `${target.api_url}rest/v1`

async function post(path, body) {
  return fetch(`${target.gateway_url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

// Somebody with a validated code, which is a password for a while.
export async function validatedCode(kind, { responsible, login, ...person } = {}) {
  login ??= `${kind}-${randomUUID()}@example.org`
  const request = randomUUID()
  const process = target[kind === 'patient' ? 'patient_by_email' : 'hcp_by_email']
  const started = await post(`/${target.spec_id}/process/${process}/${request}?codeLength=6`, {
    'g-recaptcha-response': target.captcha_token,
    firstName: person.firstName ?? 'Ada',
    lastName: person.lastName ?? 'Lovelace',
    from: login,
    email: login,
    ...(responsible && { hcpId: responsible }),
  })
  assert.equal(started.status, 200, await started.text())
  const code = await codeFor(login)
  const answer = await fetch(`${target.gateway_url}/${target.spec_id}/process/validate/${request}-${code}`)
  assert.equal(answer.status, 200, await answer.text())
  return { login, code }
}

async function codeFor(login) {
  const page = await fetch(`${target.url}?after=0&wait=5000`)
  const { messages } = await page.json()
  const message = messages.findLast(({ to }) => to === login)
  assert.ok(message, `no message for ${login} in the outbox`)
  return message.body.match(/(?<!\d)\d{6}(?!\d)/)[0]
}
