// Data access by @icure/api beyond the tutorial, as the patient and as the practitioner: each
// changes, finds and deletes what it has written.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { before } from 'node:test'

import { patientOf, practitioner } from './lib/people.js'
import { notOffered, proves } from './lib/proof.js'
import { icure, session } from './lib/sdk.js'
import { host } from './lib/simulator.js'

const people = {}
const SUBJECT = 'IC-TEST'
const DAY = [20220929000000, 20220930000000]
const code = () => `C${randomUUID().slice(0, 8)}`
const stub = (code) => ({ type: SUBJECT, code, version: '1', id: `${SUBJECT}|${code}|1` })
const ids = (found) => found.map(({ id }) => id).sort()

before(async () => {
  const house = await practitioner()
  const { patientApi } = house.api
  const bob = await patientApi.newInstance(house.user, { firstName: 'Bob', lastName: 'Dylan' })
  people.practitioner = { ...house, about: await patientApi.createPatientWithUser(house.user, bob) }
  const ada = await patientOf(house.id)
  people.patient = { ...ada, about: await ada.api.patientApi.getPatientWithUser(ada.user, ada.id) }
})

for (const role of ['patient', 'practitioner']) {
  const as = (what) => `${what}, as the ${role}`
  const label = code()
  let elements, contacts, task
  const healthElements = () => people[role].api.healthcareElementApi

  async function healthElement(descr) {
    const { user, about } = people[role]
    return healthElements().newInstance(user, about, { descr, codes: [stub(label)], tags: [stub(label)] }, false)
  }

  const byLabel = () => ({ $type: 'HealthElementByHcPartyTagCodeFilter', healthCarePartyId: people[role].id, tagType: SUBJECT, tagCode: label })

  proves(['health element: create'], as('create health elements'), async () => {
    const { user } = people[role]
    const one = await healthElements().createHealthElementWithUser(user, await healthElement('a fear of snakes'))
    assert.equal((await healthElements().getHealthElementWithUser(user, one.id)).descr, 'a fear of snakes')
    elements = [one]
  })

  proves(['health element: change'], as('change a health element'), async () => {
    const { user } = people[role]
    elements[0] = await healthElements().modifyHealthElementWithUser(user, { ...elements[0], descr: 'a fear of spiders' })
    assert.equal((await healthElements().getHealthElementWithUser(user, elements[0].id)).descr, 'a fear of spiders')
  })

  proves(['health element: several at once'], as('create several health elements'), async () => {
    const { user } = people[role]
    const more = [await healthElement('one'), await healthElement('two')]
    elements.push(...(await healthElements().createHealthElementsWithUser(user, more)))
    assert.equal(elements.length, 3)
    const found = await healthElements().getHealthElementsWithUser(user, { ids: ids(elements) })
    assert.deepEqual(found.map(({ descr }) => descr).sort(), ['a fear of spiders', 'one', 'two'])
  })

  proves(['health element: filter', 'health element: match', 'health element: of a patient'], as('find health elements'), async () => {
    const { user, about, id } = people[role]
    const page = await healthElements().filterByWithUser(user, undefined, 100, { filter: byLabel() })
    assert.deepEqual(ids(page.rows), ids(elements))
    assert.deepEqual((await healthElements().matchHealthElementsBy(byLabel())).sort(), ids(elements))
    assert.deepEqual(ids(await healthElements().findBy(id, about)), ids(elements))
    return 'by label; of a patient by its secret ids'
  })

  proves(['health element: delete'], as('delete health elements'), async () => {
    await healthElements().deleteHealthElements(ids(elements).join(','))
    assert.deepEqual(await healthElements().matchHealthElementsBy(byLabel()), [])
  })

  const sampleFilter = () => ({ $type: 'ServiceByHcPartyTagCodeDateFilter', healthcarePartyId: people[role].id, tagType: SUBJECT, tagCode: label })
  const contactFilter = () => ({ $type: 'ContactByHcPartyTagCodeDateFilter', healthcarePartyId: people[role].id, tagType: SUBJECT, tagCode: label })

  async function contact(stringValue) {
    const { api, user, about } = people[role]
    const service = { id: randomUUID(), valueDate: DAY[0], tags: [stub(label)], content: { en: { stringValue } } }
    const draft = { services: [service], tags: [stub(label)], openingDate: DAY[0] }
    return api.contactApi.newInstance(user, about, draft, false)
  }

  const textOf = ({ services }) => services[0].content.en.stringValue

  proves(['contact: several at once', 'contact: change'], as('create and change contacts'), async () => {
    const { api: { contactApi }, user } = people[role]
    contacts = await contactApi.createContactsWithUser(user, [await contact('one'), await contact('two')])
    const [first] = await contactApi.getContactsWithUser(user, { ids: [contacts[0].id] })
    first.services[0].content = { en: { stringValue: 'changed' } }
    contacts[0] = await contactApi.modifyContactWithUser(user, first)
    assert.deepEqual((await contactApi.getContactsWithUser(user, { ids: ids(contacts) })).map(textOf).sort(), ['changed', 'two'])
  })

  proves(['contact: filter', 'contact: match'], as('find contacts'), async () => {
    const { api: { contactApi }, user } = people[role]
    const page = await contactApi.filterByWithUser(user, undefined, 100, { filter: contactFilter() })
    assert.deepEqual(page.rows.map(textOf).sort(), ['changed', 'two'])
    assert.deepEqual((await contactApi.matchContactsBy(contactFilter())).sort(), ids(contacts))
    return 'by label'
  })

  proves(['data sample: filter', 'data sample: match', 'data sample: several by ids'], as('find data samples'), async () => {
    const { api: { contactApi }, user, id } = people[role]
    const samples = contacts.map(({ services }) => services[0])
    const page = await contactApi.filterServicesBy(undefined, 100, { filter: sampleFilter() })
    assert.deepEqual((await contactApi.decryptServices(id, page.rows)).map(({ content }) => content.en.stringValue).sort(), ['changed', 'two'])
    assert.deepEqual((await contactApi.matchServicesBy(sampleFilter())).sort(), ids(samples))
    assert.deepEqual(ids(await contactApi.listServicesWithUser(user, { ids: ids(samples) })), ids(samples))
    return 'by label'
  })

  proves(['data sample: change, in a later contact'], as('change a data sample in a later contact'), async () => {
    const { api: { contactApi }, user } = people[role]
    const later = await contact('the newest wins')
    later.services[0].id = contacts[1].services[0].id
    const stored = await contactApi.createContactWithUser(user, later)
    const [newest] = await contactApi.listServicesWithUser(user, { ids: [later.services[0].id] })
    assert.equal(newest.content.en.stringValue, 'the newest wins')
    contacts.push(stored)
  })

  proves(['contact: delete'], as('delete contacts'), async () => {
    const { api: { contactApi } } = people[role]
    await contactApi.deleteContacts(ids(contacts).join(','))
    assert.deepEqual(await contactApi.matchContactsBy(contactFilter()), [])
    assert.deepEqual(await contactApi.matchServicesBy(sampleFilter()), [])
  })

  let document
  proves(['document: create', 'document: attachment, encrypted'], as('a document with an encrypted attachment'), async () => {
    const { api: { documentApi, cryptoApi }, user, id } = people[role]
    document = await documentApi.createDocument(await documentApi.newInstance(user, undefined, { name: 'an X-ray' }))
    const { extractedKeys } = await cryptoApi.extractKeysFromDelegationsForHcpHierarchy(id, document.id, document.encryptionKeys)
    const bytes = new Uint8Array(3000).map((_, index) => index % 127)
    const key = await cryptoApi.AES.importKey('raw', icure.hex2ua(extractedKeys[0].replace(/-/g, '')))
    const sealed = await cryptoApi.AES.encrypt(key, bytes)
    document = await documentApi.setDocumentAttachment(document.id, undefined, sealed)
    const stored = await documentApi.getDocumentAttachment(document.id, document.attachmentId)
    assert.deepEqual(new Uint8Array(stored), new Uint8Array(sealed))
    assert.deepEqual(new Uint8Array(await cryptoApi.AES.decrypt(key, stored)), bytes)
    return "sealed with the document's key by the package's own AES"
  })

  proves(['document: change', 'document: delete an attachment', 'document: delete'], as('change and delete a document'), async () => {
    const { api: { documentApi } } = people[role]
    document = await documentApi.modifyDocument({ ...document, name: 'an MRI' })
    assert.equal((await documentApi.getDocument(document.id)).name, 'an MRI')
    const id = document.attachmentId
    document = await documentApi.deleteAttachment(document.id)
    await assert.rejects(documentApi.getDocumentAttachment(document.id, id), { statusCode: 404 })
    await documentApi.deleteDocument(document.id)
    assert.ok((await documentApi.getDocument(document.id)).deletionDate)
  })

  const other = () => people[role === 'patient' ? 'practitioner' : 'patient']
  const ofKind = (person) => ({ $type: 'MaintenanceTaskByHcPartyAndTypeFilter', healthcarePartyId: person.id, type: label })
  const saying = (stringValue) => [{ id: 'asked', typedValue: { type: 'STRING', stringValue } }]
  const said = ({ properties }) => properties[0].typedValue.stringValue

  proves(['notification: create', 'notification: filter'], as('create and find a notification'), async () => {
    const { api: { maintenanceTaskApi }, user } = people[role]
    const draft = await maintenanceTaskApi.newInstance(user, { taskType: label, properties: saying('for a visit') }, [other().id])
    task = await maintenanceTaskApi.createMaintenanceTaskWithUser(user, draft)
    for (const person of [people[role], other()]) {
      const page = await person.api.maintenanceTaskApi.filterMaintenanceTasksByWithUser(person.user, undefined, 100, { filter: ofKind(person) })
      assert.deepEqual(page.rows.map(said), ['for a visit'])
    }
    return 'as whoever asks and as whoever is asked'
  })

  proves(['notification: change', 'notification: delete'], as('change and delete a notification'), async () => {
    const { api: { maintenanceTaskApi }, user } = people[role]
    const { api: { maintenanceTaskApi: theirs }, user: theirUser } = other()
    await theirs.modifyMaintenanceTaskWithUser(theirUser, { ...(await theirs.getMaintenanceTaskWithUser(theirUser, task.id)), properties: saying('next week') })
    assert.equal(said(await maintenanceTaskApi.getMaintenanceTaskWithUser(user, task.id)), 'next week')
    await maintenanceTaskApi.deleteMaintenanceTaskWithUser(user, task.id)
    const page = await maintenanceTaskApi.filterMaintenanceTasksByWithUser(user, undefined, 100, { filter: ofKind(people[role]) })
    assert.deepEqual(page.rows, [])
  })
}

proves(['patient: change the own record'], "change the patient's own record", async () => {
  const { api: { patientApi }, user, id } = people.patient
  const own = await patientApi.getPatientWithUser(user, id)
  await patientApi.modifyPatientWithUser(user, { ...own, note: 'afraid of snakes' })
  assert.equal((await patientApi.getPatientWithUser(user, id)).note, 'afraid of snakes')
  assert.equal((await patientApi.getPatientRaw(id)).note, undefined)
})

proves(['patient: create', 'patient: change', 'patient: filter', 'patient: match', 'patient: delete'], 'patients of a practitioner', async () => {
  const { api: { patientApi }, user, id } = people.practitioner
  const identifier = [{ system: 'interop', value: code() }]
  const draft = await patientApi.newInstance(user, { firstName: 'Eva', lastName: code(), note: 'allergic', identifier })
  const stored = await patientApi.createPatientWithUser(user, draft)
  assert.equal((await patientApi.getPatientRaw(stored.id)).note, undefined)
  await patientApi.modifyPatientWithUser(user, { ...stored, note: 'not allergic' })
  const filter = { $type: 'PatientByHcPartyAndIdentifiersFilter', healthcarePartyId: id, identifiers: identifier }
  const page = await patientApi.filterByWithUser(user, { filter }, undefined, undefined, 100)
  assert.deepEqual(page.rows.map(({ note }) => note), ['not allergic'])
  assert.deepEqual(await patientApi.matchPatientsBy(filter), [stored.id])
  await patientApi.deletePatient(stored.id)
  assert.deepEqual(await patientApi.matchPatientsBy(filter), [])
  return 'by identifier'
})

proves(['practitioner: change', 'practitioner: filter', 'practitioner: match'], 'change a practitioner and find it', async () => {
  const { api: { healthcarePartyApi }, id } = people.practitioner
  const name = `House${code()}`
  const own = await healthcarePartyApi.getHealthcareParty(id, true)
  await healthcarePartyApi.modifyHealthcareParty({ ...own, lastName: name })
  const filter = { $type: 'HealthcarePartyByNameFilter', name }
  assert.deepEqual(ids((await healthcarePartyApi.filterHealthPartiesBy(undefined, 100, { filter })).rows), [id])
  assert.deepEqual(await healthcarePartyApi.matchHealthcarePartiesBy(filter), [id])
  return 'by name'
})

proves(['user: create', 'user: by e-mail', 'user: filter', 'user: check a token', 'user: invite'], 'users', async () => {
  const { api: { userApi, patientApi }, user } = people.practitioner
  const patient = await patientApi.createPatientWithUser(user, await patientApi.newInstance(user, { firstName: 'Ida', lastName: 'Lupino' }))
  const login = `ida-${code()}@example.org`
  const created = await userApi.createUser({ id: randomUUID(), login, email: login, patientId: patient.id })
  assert.equal((await userApi.getUserByEmail(login)).id, created.id)
  const filter = { $type: 'UsersByPatientIdFilter', patientId: patient.id }
  assert.deepEqual(ids((await userApi.filterUsersBy(undefined, 100, { filter })).rows), [created.id])
  const token = await userApi.getToken(created.id, 'invitation', 3600)
  assert.equal(await userApi.checkTokenValidity(created.id, token), true)
  assert.equal(await userApi.checkTokenValidity(created.id, randomUUID()), false)
  const invited = await session(login, token)
  assert.equal((await invited.api.userApi.getCurrentUser()).patientId, patient.id)
})

proves(['code: create', 'code: filter'], 'codes', async () => {
  const { api: { codeApi } } = people.practitioner
  const [label, name] = [code(), code()]
  const whole = `${SUBJECT}|${label}|1`
  await codeApi.createCode({ id: whole, type: SUBJECT, code: label, version: '1', label: { en: name }, regions: ['be'] })
  assert.deepEqual(ids(await codeApi.getCodes(whole)), [whole])
  const filter = { $type: 'CodeByRegionTypeLabelLanguageFilter', region: 'be', type: SUBJECT, language: 'en', label: name }
  assert.deepEqual(ids((await codeApi.filterCodesBy(undefined, undefined, 100, undefined, undefined, undefined, { filter })).rows), [whole])
})

proves(['device: create', 'device: change', 'device: filter', 'device: delete'], 'devices', async () => {
  const { api: { deviceApi }, id } = people.practitioner
  const device = await deviceApi.createDevice({ id: randomUUID(), name: 'a scale', responsible: id })
  await deviceApi.updateDevice({ ...device, name: 'a watch' })
  const filter = { $type: 'DeviceByHcPartyFilter', responsibleId: id }
  assert.deepEqual((await deviceApi.filterDevicesBy(undefined, 100, { filter })).rows.map(({ name }) => name), ['a watch'])
  await deviceApi.deleteDevice(device.id)
  assert.deepEqual((await deviceApi.filterDevicesBy(undefined, 100, { filter })).rows, [])
  return 'by who is responsible'
})

proves(['token for one method and path'], 'a token for one request opens the socket of events once', async () => {
  const path = '/ws/v1/notification/subscribe'
  const token = await people.patient.api.authApi.token('GET', path)
  const opened = () =>
    new Promise((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
      const sent = request(`${new URL(host).origin}${path};tokenid=${token}`, { headers })
      sent.on('response', (answer) => resolve(answer.resume().statusCode))
      sent.on('upgrade', (answer, socket) => resolve(socket.destroy() && answer.statusCode))
      sent.on('error', reject)
      sent.end()
    })
  assert.equal(await opened(), 101)
  assert.equal(await opened(), 401)
})

notOffered('event: health element created', 'the package subscribes to nothing', async () => {
  const parts = [...Object.keys(icure), ...Object.values(people.patient.api).flatMap((api) => Object.getOwnPropertyNames(Object.getPrototypeOf(api)))]
  assert.ok(parts.includes('getContactWithUser'))
  assert.deepEqual(parts.filter((name) => /subscri|websocket/i.test(name)), [])
  return 'nothing named `subscribe` in the package'
})
