// A key pair is lost, or left on another device: a new one is made, and the
// responsible gives access back. Each side asks the other.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { contactsOf, patientOf, practitioner, writeContact } from './lib/people.js'
import { proves } from './lib/proof.js'
import { exportCredentials, importCredentials, play } from './lib/rehearse.js'
import { icure, session } from './lib/sdk.js'

const content = { stringValue: 'from before' }
const greeting = content.stringValue

// The same account on a device without its key pair, where another one is made.
async function onAnotherDevice(person) {
  const device = { ...person, ...(await session(person.login, person.token)) }
  const { cryptoApi, maintenanceTaskApi } = device.api
  // No transfer key: the old key pair is out of reach for good.
  device.keys = await cryptoApi.addNewKeyPairForOwnerId(maintenanceTaskApi, device.user, device.id, false)
  return device
}

// The same session, which has read nothing yet.
async function afresh(person) {
  const again = { ...person, ...(await session(person.login, person.token)) }
  const { RSA } = again.api.cryptoApi
  const privateKey = await RSA.importKey('pkcs8', icure.hex2ua(person.keys.privateKey), ['decrypt'])
  const publicKey = await RSA.importKey('spki', icure.hex2ua(person.keys.publicKey), ['encrypt'])
  await again.api.cryptoApi.cacheKeyPair(await RSA.exportKeys({ publicKey, privateKey }, 'jwk', 'jwk'))
  return again
}

async function read(person, contact) {
  const found = await person.api.contactApi.getContactWithUser(person.user, contact.id)
  return found.services[0].content?.en
}

// What a delegate is asked by `KEY_PAIR_UPDATE`: by whom, for which key.
async function asked(delegate) {
  const { maintenanceTaskApi } = delegate.api
  const filter = { $type: 'MaintenanceTaskByHcPartyAndTypeFilter', healthcarePartyId: delegate.id, type: 'KEY_PAIR_UPDATE' }
  const page = await maintenanceTaskApi.filterMaintenanceTasksByWithUser(delegate.user, undefined, 100, { filter })
  return page.rows.map(({ properties }) => {
    const value = (id) => properties.find((one) => one.id === id)?.typedValue?.stringValue
    return { owner: value('dataOwnerConcernedId'), publicKey: value('dataOwnerConcernedPubKey') }
  })
}

async function giveAccessTo(delegate, owner) {
  const again = await afresh(delegate)
  const [request] = (await asked(again)).filter((one) => one.owner === owner)
  assert.ok(request, 'nobody has asked')
  await again.api.cryptoApi.giveAccessBackTo(again.user, owner, request.publicKey)
  return request.publicKey
}

proves(['ask for access with a new key pair', 'give access back'], '@icure/api asks, and @icure/api gives access back', async () => {
  const house = await practitioner()
  const ada = await patientOf(house.id)
  const contact = await writeContact(ada, content)
  const device = await onAnotherDevice(ada)
  assert.notEqual(device.keys.publicKey, ada.keys.publicKey)
  assert.equal(await read(await afresh(device), contact), undefined)
  assert.equal(await giveAccessTo(house, ada.id), device.keys.publicKey)
  assert.deepEqual(await read(await afresh(device), contact), content)
})

proves(['ask for access with a new key pair'], '@icure/api asks, and rehearse gives access back', async () => {
  const house = await practitioner()
  const ada = await patientOf(house.id)
  const contact = await writeContact(ada, content)
  const device = await onAnotherDevice(ada)
  const name = `house-${randomUUID()}`
  await importCredentials(name, house)
  await play({ ada: ada.id, fingerprint: device.keys.publicKey.slice(-32) }, [
    { reinstantiate: { from: name } },
    {
      give_access: {},
      as: 'answer',
      expect: ['answer.given|length == 1', 'answer.given[0].to == ada', 'answer.given[0].fingerprint == fingerprint'],
    },
  ])
  assert.deepEqual(await read(await afresh(device), contact), content)
})

proves(['give access back'], 'rehearse asks, and @icure/api gives access back', async () => {
  const house = await practitioner()
  await play({ greeting, responsible: house.id }, [
    { register: { email: '{{ fake.email() }}', responsible: '{{ responsible }}', save: 'lost' } },
    { 'data_sample.create': { content: { en: { stringValue: '{{ greeting }}' } } } },
  ])
  const lost = await exportCredentials('lost')
  Object.assign(lost, await session(lost.login, lost.token))
  lost.user = await lost.api.userApi.getCurrentUser()
  lost.id = lost.user.patientId
  const [contact] = await contactsOf(await afresh(lost))
  const vars = { greeting, login: lost.login, sample: contact.services[0].id }
  await play({ ...vars, responsible: house.id }, [
    { login: { email: '{{ login }}', responsible: '{{ responsible }}', new_key: true, save: 'found' } },
    { 'data_sample.get': { id: '{{ sample }}' }, fails: 'missing is the private key of' },
  ])
  const { keys } = await exportCredentials('found')
  assert.equal(await giveAccessTo(house, lost.id), keys.publicKey)
  await play(vars, [
    { reinstantiate: { from: 'found' } },
    { 'data_sample.get': { id: '{{ sample }}' }, as: 'found', expect: 'found.content.en.stringValue == greeting' },
  ])
})
