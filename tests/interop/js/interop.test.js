// @icure/api against the simulator: what the tutorial does, by somebody else's
// client. The order is that of a user's life; a test builds on those before.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { notOffered, proves } from './lib/proof.js'
import { initialiseExchangeKeys, newcomer, practitioner, publishKeyPair, writeContact } from './lib/people.js'
import { icure, session, takeKeyPair } from './lib/sdk.js'
import { host } from './lib/simulator.js'

let house // the responsible practitioner
let ada // a patient of his
let contact // that Ada wrote

before(async () => {
  house = await practitioner()
})

// What the server holds, fetched without the SDK.
async function stored(person, path) {
  const basic = Buffer.from(`${person.login}:${person.token}`).toString('base64')
  const response = await fetch(`${host}${path}`, { headers: { authorization: `Basic ${basic}` } })
  assert.equal(response.status, 200)
  return response.text()
}

notOffered('start an authentication process', 'the package has no part for the message gateway', async () => {
  const { api } = await session('nobody', 'nothing')
  const parts = [...Object.keys(icure), ...Object.keys(api)]
  assert.deepEqual(parts.filter((name) => /gateway|process|captcha|anonymous.*auth/i.test(name)), [])
  return 'the suite starts processes with fetch'
})

proves(['log in with login and OTP', 'current user'], 'log in with login and OTP', async () => {
  ada = await newcomer(house.id)
  assert.equal(ada.user.login, ada.login)
  assert.ok(ada.user.patientId)
  assert.deepEqual(ada.user.autoDelegations.medicalInformation, [house.id])
  assert.deepEqual(ada.lines(), ['POST /auth/login 200', 'GET /user/current 200'])
  assert.equal(ada.requests[1].scheme, 'Bearer')
})

proves(['long-lived token'], 'obtain a long-lived token', async () => {
  ada.token = await ada.api.userApi.getToken(ada.user.id, randomUUID(), 3600)
  assert.match(ada.token, /^[0-9a-f-]{36}$/)
})

proves(['log in with the token'], 'log in with the token, by JWT', async () => {
  const again = await session(ada.login, ada.token)
  assert.equal((await again.api.userApi.getCurrentUser()).id, ada.user.id)
  assert.equal(again.requests.at(-1).scheme, 'Bearer')
  // The SDK's session goes on with the token.
  Object.assign(ada, again)
})

proves(['log in with the token'], 'log in with the token, by Basic where there are no JWTs', async () => {
  const refusal = (path) => (path.endsWith('/auth/login') ? new Response('', { status: 404 }) : undefined)
  const again = await session(ada.login, ada.token, { answer: refusal })
  assert.equal((await again.api.userApi.getCurrentUser()).id, ada.user.id)
  // Without a JWT and then without a browser session, so without credentials.
  assert.deepEqual(again.lines().slice(-3), [
    'GET /user/current 401',
    'GET /user/current 401',
    'GET /user/current 200',
  ])
  assert.equal(again.requests.at(-1).scheme, 'Basic')
})

proves(['wrong credentials refused'], 'a wrong password is refused, by JWT and by Basic', async () => {
  const eve = await session(ada.login, '000000')
  await assert.rejects(eve.api.userApi.getCurrentUser(), { statusCode: 401 })
  assert.equal(eve.requests.at(-1).scheme, 'Basic')
  assert.ok(eve.requests.every(({ status }) => status === 401))
})

proves(['refresh an expired JWT'], 'refresh an expired JWT', async () => {
  const again = await session(ada.login, ada.token)
  await again.api.userApi.getCurrentUser()
  await sleep(2500) // JWTs live two seconds here.
  assert.equal((await again.api.userApi.getCurrentUser()).id, ada.user.id)
  assert.deepEqual(again.lines(), [
    'POST /auth/login 200',
    'GET /user/current 200',
    'POST /auth/refresh 200',
    'GET /user/current 200',
  ])
})

proves(['create a key pair', 'publish the public key'], 'make a key pair and publish it', async () => {
  ada.keys = await publishKeyPair(ada)
  const patient = await ada.api.patientApi.getPatientWithUser(ada.user, ada.id)
  assert.equal(patient.publicKey, ada.keys.publicKey)
  assert.ok(await ada.api.cryptoApi.checkPrivateKeyValidity(patient))
})

proves(['initialise exchange keys'], 'initialise exchange keys', async () => {
  const patient = await initialiseExchangeKeys(ada)
  const fingerprint = (keys) => keys.publicKey.slice(-32)
  const byDelegate = patient.aesExchangeKeys[ada.keys.publicKey]
  assert.deepEqual(Object.keys(byDelegate).sort(), [ada.id, house.id].sort())
  assert.deepEqual(
    Object.keys(byDelegate[house.id]).sort(),
    [fingerprint(ada.keys), fingerprint(house.keys)].sort()
  )
  assert.ok(patient.delegations[ada.id] && patient.delegations[house.id])
})

proves(['create an encrypted entity'], 'create a contact with an encrypted service', async () => {
  contact = await writeContact(ada, { stringValue: 'Hello world' })
  assert.equal(contact.services[0].content.en.stringValue, 'Hello world')
  const document = await stored(ada, `/contact/${contact.id}`)
  assert.doesNotMatch(document, /Hello world|a first visit/)
  assert.ok(JSON.parse(document).services[0].encryptedSelf)
})

proves(['read it back and decrypt'], 'read the contact back, from another session', async () => {
  const again = await session(ada.login, ada.token)
  await takeKeyPair(again, ada.id, ada.keys)
  const found = await again.api.contactApi.getContactWithUser(ada.user, contact.id)
  assert.equal(found.descr, 'a first visit')
  assert.deepEqual(found.services[0].content, { en: { stringValue: 'Hello world' } })
  const ids = new icure.ListOfIds({ ids: [contact.services[0].id] })
  const [service] = await again.api.contactApi.listServicesWithUser(ada.user, ids)
  assert.equal(service.contactId, contact.id)
  assert.equal(service.content.en.stringValue, 'Hello world')
})

proves(["encrypt the patient's own document"], "encrypt a note in the patient's own document", async () => {
  const { patientApi } = ada.api
  const patient = await patientApi.getPatientWithUser(ada.user, ada.id)
  await patientApi.modifyPatientWithUser(ada.user, { ...patient, note: 'afraid of snakes' })
  assert.doesNotMatch(await stored(ada, `/patient/${ada.id}`), /snakes/)
  for (const reader of [ada, house]) {
    const found = await reader.api.patientApi.getPatientWithUser(reader.user, ada.id)
    assert.equal(found.note, 'afraid of snakes')
  }
})

proves(['find by secret id'], "find the patient's contacts by its secret ids", async () => {
  const patient = await ada.api.patientApi.getPatientWithUser(ada.user, ada.id)
  for (const posted of [false, true]) {
    const found = await ada.api.contactApi.findBy(ada.id, patient, posted)
    assert.deepEqual(found.map(({ id }) => id), [contact.id])
    assert.equal(found[0].services[0].content.en.stringValue, 'Hello world')
  }
})

proves(['share with the responsible'], 'the contact is shared with the responsible', async () => {
  const document = JSON.parse(await stored(house, `/contact/${contact.id}`))
  for (const field of ['delegations', 'encryptionKeys', 'cryptedForeignKeys']) {
    const [delegation] = document[field][house.id]
    assert.equal(delegation.owner, ada.id)
    assert.equal(delegation.delegatedTo, house.id)
  }
})

proves(['read by the responsible'], 'the responsible reads the contact', async () => {
  const found = await house.api.contactApi.getContactWithUser(house.user, contact.id)
  assert.equal(found.descr, 'a first visit')
  assert.equal(found.services[0].content.en.stringValue, 'Hello world')
})

proves(['written by the responsible, read by the patient'], 'the responsible writes about the patient, who reads it', async () => {
  const content = { stringValue: 'Rest' }
  const written = await writeContact(house, content, { about: ada.id, delegates: [ada.id] })
  const again = await session(ada.login, ada.token)
  await takeKeyPair(again, ada.id, ada.keys)
  const found = await again.api.contactApi.getContactWithUser(ada.user, written.id)
  assert.deepEqual(found.services[0].content.en, content)
  const patient = await again.api.patientApi.getPatientWithUser(ada.user, ada.id)
  const all = await again.api.contactApi.findBy(ada.id, patient)
  assert.deepEqual(all.map(({ id }) => id).sort(), [contact.id, written.id].sort())
})

proves(['share with somebody else'], 'share an existing contact with another practitioner, who reads it', async () => {
  const wilson = await practitioner()
  const { cryptoApi, contactApi, patientApi } = ada.api
  await assert.rejects(wilson.api.contactApi.getContactWithUser(wilson.user, contact.id), { statusCode: 403 })
  const [[secretId], [encryptionKey]] = await cryptoApi.extractDelegationsSFKsAndEncryptionSKs(contact, ada.id)
  const patient = await patientApi.getPatientWithUser(ada.user, ada.id)
  const shared = await cryptoApi.addDelegationsAndEncryptionKeys(
    patient, contact, ada.id, wilson.id, secretId, encryptionKey
  )
  contact = await contactApi.modifyContactWithUser(ada.user, shared)
  const found = await wilson.api.contactApi.getContactWithUser(wilson.user, contact.id)
  assert.equal(found.services[0].content.en.stringValue, 'Hello world')
})

proves(['stale revision refused'], 'a stale revision is refused', async () => {
  const { contactApi } = ada.api
  const first = await contactApi.getContactWithUser(ada.user, contact.id)
  const second = await contactApi.modifyContactWithUser(ada.user, { ...first, location: 'Oxford' })
  assert.notEqual(second.rev, first.rev)
  const stale = contactApi.modifyContactWithUser(ada.user, { ...first, location: 'London' })
  await assert.rejects(stale, { statusCode: 409 })
  assert.equal((await contactApi.getContactWithUser(ada.user, contact.id)).location, 'Oxford')
})

proves(['log out'], 'log out; the provider goes on with Basic', async () => {
  for (const way of ['logout', 'logoutPost']) {
    const again = await session(ada.login, ada.token)
    await again.api.userApi.getCurrentUser()
    const answer = await again.api.authApi[way]()
    assert.equal(answer.successful, true)
    assert.match(again.lines().at(-1), /\/auth\/logout 200$/)
    // The JWT is refused from then on, and so is a request without credentials.
    await again.api.userApi.getCurrentUser()
    const last = again.requests.slice(-3).map(({ status, scheme }) => [status, scheme])
    assert.deepEqual(last, [[401, 'Bearer'], [401, undefined], [200, 'Basic']])
  }
})
