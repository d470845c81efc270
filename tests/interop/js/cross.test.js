// Each reads what the other wrote: @icure/api and the `rehearse` binary, with
// credentials and key pairs moved through the vault's import and export.

import assert from 'node:assert/strict'
import { before } from 'node:test'

import { proves } from './lib/proof.js'
import { contactsOf, patientOf, practitioner, writeContact } from './lib/people.js'
import { exportCredentials, importCredentials, play } from './lib/rehearse.js'
import { session, takeKeyPair } from './lib/sdk.js'

let house // a practitioner of @icure/api
let ada // a patient of @icure/api
let bob // a patient of rehearse, in a session of @icure/api
let contact // Ada's
const greeting = 'Grüße, 世界 — “hello”'

const reading = (from, id) => [
  { reinstantiate: { from } },
  {
    'data_sample.get': { id },
    as: 'found',
    expect: ['found.content.en.stringValue == greeting', "found.labels[0].code == 'TEST'"],
  },
]

before(async () => {
  house = await practitioner()
})

proves(['key pair moved to rehearse', 'written by it, read by rehearse'], 'rehearse reads what @icure/api wrote', async () => {
  ada = await patientOf(house.id)
  contact = await writeContact(ada, { stringValue: greeting })
  await importCredentials('ada', ada)
  await play({ greeting }, reading('ada', contact.services[0].id))
})

proves(['written by it, read by rehearse'], 'rehearse reads content that @icure/api encrypts part by part', async () => {
  const part = { id: ada.api.cryptoApi.randomUuid(), content: { en: { stringValue: greeting } } }
  const written = await writeContact(ada, { compoundValue: [part] })
  assert.equal(written.services[0].content.en.compoundValue[0].content.en.stringValue, greeting)
  await play({ greeting }, [
    { reinstantiate: { from: 'ada' } },
    {
      'data_sample.get': { id: written.services[0].id },
      as: 'found',
      expect: 'found.content.en.compoundValue[0].content.en.stringValue == greeting',
    },
  ])
})

proves(['written by it, read by rehearse'], 'rehearse reads, as the responsible, what @icure/api shared', async () => {
  await importCredentials('house', house)
  await play({ greeting }, reading('house', contact.services[0].id))
})

proves(['key pair moved to rehearse', 'read what rehearse wrote'], 'rehearse, with a key pair of @icure/api, writes, and @icure/api reads', async () => {
  const before = await contactsOf(ada)
  await play({ greeting }, [
    { reinstantiate: { from: 'ada' } },
    { 'data_sample.create': { content: { en: { stringValue: '{{ greeting }}' } }, labels: [{ type: 'IC-TEST', code: 'TEST' }] } },
  ])
  const written = (await contactsOf(ada)).filter(({ id }) => !before.some((old) => old.id === id))
  assert.equal(written.length, 1)
  assert.equal(written[0].services[0].content.en.stringValue, greeting)
})

proves(['read what rehearse wrote'], '@icure/api reads, as the patient, what a practitioner of rehearse wrote for it', async () => {
  const before = await contactsOf(ada)
  const content = { en: { stringValue: '{{ greeting }}' } }
  await play({ greeting, ada: ada.id }, [
    { reinstantiate: { from: 'house' } },
    { 'data_sample.create': { patient: '{{ ada }}', share_with: '{{ ada }}', content } },
  ])
  const written = (await contactsOf(ada)).filter(({ id }) => !before.some((old) => old.id === id))
  assert.equal(written.length, 1)
  assert.equal(written[0].services[0].content.en.stringValue, greeting)
})

proves(['key pair moved from rehearse', 'read what rehearse wrote'], '@icure/api reads what rehearse wrote', async () => {
  await play({ greeting, responsible: house.id }, [
    { register: { email: '{{ fake.email() }}', first_name: 'Bob', responsible: '{{ responsible }}', save: 'bob' } },
    {
      'data_sample.create': {
        labels: [{ type: 'IC-TEST', code: 'TEST' }],
        content: { en: { stringValue: '{{ greeting }}' } },
        comment: 'in clear',
      },
    },
  ])
  bob = await exportCredentials('bob')
  Object.assign(bob, await session(bob.login, bob.token))
  bob.user = await bob.api.userApi.getCurrentUser()
  bob.id = bob.user.patientId
  await takeKeyPair(bob, bob.id, bob.keys)
  const contacts = await contactsOf(bob)
  assert.equal(contacts.length, 1)
  const [service] = contacts[0].services
  assert.equal(service.content.en.stringValue, greeting)
  assert.equal(service.comment, 'in clear')
  assert.equal(service.tags[0].code, 'TEST')
  bob.contact = contacts[0]
})

proves(['read what rehearse wrote'], 'the responsible reads with @icure/api what rehearse wrote', async () => {
  const found = await house.api.contactApi.getContactWithUser(house.user, bob.contact.id)
  assert.equal(found.services[0].content.en.stringValue, greeting)
})

proves(['key pair moved from rehearse', 'written by it, read by rehearse'], 'rehearse reads what @icure/api wrote with a key pair of rehearse', async () => {
  const written = await writeContact(bob, { stringValue: greeting })
  await play({ greeting }, reading('bob', written.services[0].id))
})

proves(['read what rehearse wrote'], "@icure/api encrypts and reads the patient's document that rehearse has set up", async () => {
  for (const note of ['afraid of snakes', 'afraid of nothing']) {
    const patient = await bob.api.patientApi.getPatientWithUser(bob.user, bob.id)
    await bob.api.patientApi.modifyPatientWithUser(bob.user, { ...patient, note })
    const found = await house.api.patientApi.getPatientWithUser(house.user, bob.id)
    assert.equal(found.firstName, 'Bob')
    assert.equal(found.note, note)
  }
})

proves(['written by it, read by rehearse'], 'rehearse reads its own contact after @icure/api has changed it', async () => {
  const changed = { ...bob.contact, descr: 'changed' }
  await bob.api.contactApi.modifyContactWithUser(bob.user, changed)
  await play({ greeting }, reading('bob', bob.contact.services[0].id))
})
