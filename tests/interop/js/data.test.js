// What rehearse has changed, read by @icure/api: data samples in several
// versions, batches, attachments, the patient's note.

import assert from 'node:assert/strict'
import { before } from 'node:test'

import { proves } from './lib/proof.js'
import { contactsOf, patientOf, practitioner, writeContact } from './lib/people.js'
import { importCredentials, play } from './lib/rehearse.js'

const text = 'größer'
const as = (from, ...steps) => play({ text }, [{ reinstantiate: { from } }, ...steps])

let house // a practitioner of @icure/api
let ada // a patient of @icure/api, whose credentials rehearse has
let id // of a data sample that it has written

before(async () => {
  house = await practitioner()
  ada = await patientOf(house.id)
  await importCredentials('changing-ada', ada)
  await importCredentials('changing-house', house)
  const contact = await writeContact(ada, { stringValue: 'old' })
  id = contact.services[0].id
})

const newest = async ({ api, user }) => (await api.contactApi.listServicesWithUser(user, { ids: [id] }))[0]

proves(['read what rehearse wrote'], '@icure/api reads what rehearse has changed from a later session', async () => {
  await as('changing-ada', { 'data_sample.modify': { id, content: { en: { stringValue: '{{ text }}' } } } })
  for (const person of [ada, house]) {
    const service = await newest(person)
    assert.equal(service.content.en.stringValue, text)
    assert.equal(service.tags[0].code, 'TEST')
  }
  const contacts = (await contactsOf(ada)).filter(({ services }) => services.some((service) => service.id === id))
  assert.equal(contacts.length, 2)
})

proves(['read what rehearse wrote'], '@icure/api reads an attachment of rehearse', async () => {
  await as('changing-ada', { 'data_sample.attach': { id, text: '{{ text }}', name: 'a.txt', uti: 'public.plain-text' } })
  for (const person of [ada, house]) {
    const service = await newest(person)
    assert.equal(service.content.en.stringValue, text)
    const { documentApi, cryptoApi } = person.api
    const document = await documentApi.getDocument(service.content.en.documentId)
    assert.equal(document.name, 'a.txt')
    const { extractedKeys } = await cryptoApi.extractKeysFromDelegationsForHcpHierarchy(
      person.id, document.id, document.encryptionKeys
    )
    const key = await cryptoApi.AES.importKey('raw', Buffer.from(extractedKeys[0].replace(/-/g, ''), 'hex'))
    const sealed = await documentApi.getDocumentAttachment(document.id, document.attachmentId)
    assert.equal(Buffer.from(await cryptoApi.AES.decrypt(key, sealed)).toString(), text)
  }
})

proves(['read what rehearse wrote'], '@icure/api reads a batch of rehearse', async () => {
  const before = await contactsOf(ada)
  await as('changing-ada', { 'data_sample.create_many': { count: 3, content: { en: { stringValue: 'n{{ round }}' } } } })
  const [batch] = (await contactsOf(ada)).filter((one) => !before.some((old) => old.id === one.id))
  assert.deepEqual(batch.services.map((service) => service.content.en.stringValue), ['n1', 'n2', 'n3'])
})

proves(['read what rehearse wrote'], "@icure/api reads the note that rehearse has changed, and the other way round", async () => {
  await as('changing-ada', { 'patient.modify': { note: '{{ text }}', first_name: 'Augusta' } })
  const found = await house.api.patientApi.getPatientWithUser(house.user, ada.id)
  assert.equal(found.note, text)
  assert.equal(found.firstName, 'Augusta')
  await house.api.patientApi.modifyPatientWithUser(house.user, { ...found, note: 'by house' })
  await as('changing-ada', { 'patient.get': {}, as: 'me', expect: ["me.note == 'by house'", "me.first_name == 'Augusta'"] })
})

proves(['read what rehearse wrote'], '@icure/api sees what rehearse has deleted as ended', async () => {
  await as('changing-house', { 'data_sample.delete': { id } })
  const contacts = await contactsOf(ada)
  const left = ada.api.contactApi.filteredServices(contacts, (service) => service.id === id)
  assert.deepEqual(left, [])
})
