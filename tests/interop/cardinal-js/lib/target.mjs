// The simulator that the suite runs beside, and its mailbox.

import { readFileSync } from 'node:fs'

// The target file is YAML, which Node does not read; these are texts.
const text = readFileSync(process.env.REHEARSE_TARGET, 'utf8')
const value = (key) => text.match(new RegExp(`^\\s*${key}: "([^"]+)"`, 'm'))[1]

export const API = value('api_url').replace(/\/$/, '')
export const GATEWAY = value('gateway_url').replace(/\/$/, '')
export const SPEC = value('spec_id')
export const PATIENT_BY_EMAIL = value('patient_by_email')
export const PATIENT_BY_SMS = value('patient_by_sms')
export const HCP_BY_EMAIL = value('hcp_by_email')
const OUTBOX = value('url')

for (const url of [API, GATEWAY, OUTBOX]) {
  if (!url.startsWith('http://127.0.0.1:')) throw new Error(`not loopback: ${url}`)
}

/** The code in the last message to somebody. */
export async function lastCode(login) {
  const page = await (await fetch(`${OUTBOX}?after=0&wait=5000`)).json()
  const message = page.messages.findLast((message) => message.to === login)
  return message.body.match(/\b\d{6}\b/)[0]
}

/** How many messages somebody was sent. */
export async function messagesTo(login) {
  const page = await (await fetch(`${OUTBOX}?after=0`)).json()
  return page.messages.filter((message) => message.to === login).length
}
