// The tutorial's flow by the JavaScript client, one iteration after another.
//
//   node client.mjs SECONDS new     register, write, open the app again, read, log in, read
//   node client.mjs SECONDS known   log in with a key pair that is there, write, read
//
// Prints iterations and the processor time that they took, in seconds: what the client
// needs to start is not in it.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { patientOf, writeContact } from '../../tests/interop/js/lib/people.js'
import { session, takeKeyPair } from '../../tests/interop/js/lib/sdk.js'
import { target, validatedCode } from '../../tests/interop/js/lib/simulator.js'

const [seconds, who] = process.argv.slice(2)
const content = { stringValue: 'Hello world' }

async function read(by, person, contact) {
  const found = await by.api.contactApi.getContactWithUser(person.user, contact.id)
  assert.deepEqual(found.services[0].content.en, content)
}

// A session with a key pair that was saved.
async function open(person, password) {
  const by = await session(person.login, password)
  await takeKeyPair(by, person.id, person.keys)
  return by
}

async function logIn(person) {
  const { code } = await validatedCode('patient', { login: person.login, responsible: target.responsible })
  const by = await open(person, code)
  await by.api.userApi.getToken(person.user.id, randomUUID(), 3600)
  return by
}

async function newcomer() {
  const person = await patientOf(target.responsible)
  const contact = await writeContact(person, content)
  await read(await open(person, person.token), person, contact)
  await read(await logIn(person), person, contact)
}

async function known(person) {
  const by = await logIn(person)
  const contact = await writeContact({ ...person, ...by }, content)
  await read(by, person, contact)
}

const person = who === 'known' && (await patientOf(target.responsible))
const used = process.cpuUsage()
const until = Date.now() + 1000 * Number(seconds)
let iterations = 0
do {
  await (person ? known(person) : newcomer())
  iterations += 1
} while (Date.now() < until)
const { user, system } = process.cpuUsage(used)
process.stdout.write(JSON.stringify({ iterations, cpu: (user + system) / 1e6 }) + '\n')
