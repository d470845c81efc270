// All data access of the package, as the patient and as the practitioner: each creates, changes,
// finds and deletes.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import {
  AccessLevel,
  Code,
  CodeFilters,
  CodeStub,
  ContactFilters,
  DecryptedContent,
  DecryptedDocument,
  DecryptedHealthElement,
  DecryptedMaintenanceTask,
  DecryptedPatient,
  DecryptedPropertyStub,
  DecryptedTypedValue,
  Device,
  DeviceFilters,
  HealthcarePartyFilters,
  HealthElementFilters,
  Identifier,
  MaintenanceTaskFilters,
  PatientFilters,
  ServiceFilters,
  TypedValuesType,
  User,
  UserFilters,
} from '@icure/cardinal-sdk'

import { proving } from './lib/outcomes.mjs'
import * as people from './lib/people.mjs'
import * as target from './lib/target.mjs'

const persons = {}
const code = () => `C${randomUUID().slice(0, 8)}`
const stub = (type, code) => new CodeStub({ id: `${type}|${code}|1`, type, code, version: '1' })
const ids = (found) => found.map(({ id }) => id).sort()

/** Everything that a filter finds, page by page. */
async function all(iterator) {
  const found = []
  while (await iterator.hasNext()) found.push(...(await iterator.next(2)))
  return found
}

/** Another session of somebody. */
async function again({ sdk, device }) {
  const user = await sdk.user.getCurrentUser()
  return people.withToken(user.login, await sdk.user.getToken(user.id, 'again', { tokenValidity: 3600 }), device)
}

before(async () => {
  const doctor = await people.register(target.HCP_BY_EMAIL, people.someone('doctor'))
  const about = await doctor.sdk.patient.createPatient(
    await doctor.sdk.patient.withEncryptionMetadata(new DecryptedPatient({ id: randomUUID(), firstName: 'Bob', lastName: 'Dylan' }))
  )
  persons.practitioner = { ...doctor, about, id: await doctor.sdk.dataOwner.getCurrentDataOwnerId() }
  const ada = await people.register(target.PATIENT_BY_EMAIL, people.someone('ada'))
  // This version initialises it, and leaves it to the caller to store it.
  const self = await ada.sdk.patient.encrypted.modifyPatient(await ada.sdk.patient.ensureEncryptionMetadataForSelfIsInitialized())
  persons.patient = { ...ada, about: self, id: self.id }
})

for (const role of ['patient', 'practitioner']) {
  test(`health elements, as the ${role}`, async (t) => {
    const { sdk: { healthElement: api }, about } = persons[role]
    const label = code()
    const draft = (descr) =>
      api.withEncryptionMetadata(
        new DecryptedHealthElement({ id: randomUUID(), descr, codes: [stub('IC-TEST', label)], tags: [stub('IC-TEST', label)] }), about)
    const stored = await proving(t, 'health element: create', async () => {
      const stored = await api.createHealthElement(await draft('a fear of snakes'))
      assert.equal((await api.encrypted.getHealthElement(stored.id)).descr, undefined)
      assert.equal((await api.getHealthElement(stored.id)).descr, 'a fear of snakes')
      return stored
    })
    const changed = await proving(t, 'health element: change', async () => {
      stored.descr = 'a fear of spiders'
      const changed = await api.modifyHealthElement(stored)
      assert.equal((await api.getHealthElement(stored.id)).descr, 'a fear of spiders')
      return changed
    })
    const more = await proving(t, 'health element: several at once', async () => {
      const more = await api.createHealthElements([await draft('one'), await draft('two'), await draft('three')])
      assert.deepEqual((await api.getHealthElements(ids(more))).map(({ descr }) => descr).sort(), ['one', 'three', 'two'])
      return more
    })
    const every = [stored, ...more]
    await proving(t, 'health element: filter', async () => {
      for (const filter of [
        HealthElementFilters.byCodeForSelf('IC-TEST', { codeCode: label }),
        HealthElementFilters.byTagForSelf('IC-TEST', { tagCode: label }),
      ]) {
        const found = await all(await api.filterHealthElementsBy(filter))
        assert.deepEqual(ids(found), ids(every))
        assert.ok(found.some(({ descr }) => descr === 'a fear of spiders'))
      }
    }, 'by code and by label')
    await proving(t, 'health element: match', async () => {
      const filter = HealthElementFilters.byCodeForSelf('IC-TEST', { codeCode: label })
      assert.deepEqual((await api.matchHealthElementsBy(filter)).sort(), ids(every))
    })
    await proving(t, 'health element: of a patient', async () => {
      const found = await api.matchHealthElementsBySorted(HealthElementFilters.byPatientsForSelf([about]))
      assert.deepEqual(found.sort(), ids(every))
    })
    await proving(t, 'health element: delete', async () => {
      await api.deleteHealthElement(changed)
      assert.ok((await api.getHealthElement(stored.id)).deletionDate)
      await api.deleteHealthElements(more)
      assert.deepEqual(await api.matchHealthElementsBy(HealthElementFilters.byCodeForSelf('IC-TEST', { codeCode: label })), [])
    })
  })

  test(`contacts and their data samples, as the ${role}`, async (t) => {
    const { sdk: { contact: api, healthElement }, about } = persons[role]
    const label = code()
    const draft = (text) => {
      const contact = people.note(text)
      contact.services[0].tags = [stub('IC-TEST', label)]
      contact.services[0].codes = [stub('IC-TEST', label)]
      contact.services[0].identifier = [new Identifier({ system: 'interop', value: `${label}-${text}` })]
      contact.services[0].valueDate = 20220929083400
      contact.openingDate = 20220929083400
      return api.withEncryptionMetadata(contact, about)
    }
    const stored = await api.createContact(await draft('one'))
    const changed = await proving(t, 'contact: change', async () => {
      stored.services[0].content = { en: new DecryptedContent({ stringValue: 'changed' }) }
      const changed = await api.modifyContact(stored)
      assert.equal(people.textOf(await api.getContact(stored.id)), 'changed')
      return changed
    })
    const more = await proving(t, 'contact: several at once', async () => {
      const more = await api.createContacts([await draft('two'), await draft('three')])
      assert.deepEqual((await api.getContacts(ids(more))).map(people.textOf).sort(), ['three', 'two'])
      return more
    })
    const every = [stored, ...more]
    await proving(t, 'contact: filter', async () => {
      for (const filter of [
        ContactFilters.byServiceTagForSelf('IC-TEST', { tagCode: label }),
        ContactFilters.byServiceCodeForSelf('IC-TEST', { codeCode: label }),
        ContactFilters.byOpeningDateForSelf({ startDate: 20220929000000, endDate: 20220930000000 }),
        ContactFilters.byPatientsForSelf([about]),
      ]) {
        assert.deepEqual(ids(await all(await api.filterContactsBy(filter))), ids(every))
      }
    }, 'by label, code, date and patient')
    await proving(t, 'contact: match', async () => {
      const filter = ContactFilters.byServiceTagForSelf('IC-TEST', { tagCode: label })
      assert.deepEqual((await api.matchContactsBy(filter)).sort(), ids(every))
    })
    const samples = every.map(({ services }) => services[0])
    await proving(t, 'data sample: filter', async () => {
      for (const filter of [
        ServiceFilters.byTagAndValueDateForSelf('IC-TEST', { tagCode: label }),
        ServiceFilters.byCodeAndValueDateForSelf('IC-TEST', { codeCode: label, startOfServiceValueDate: 20220929000000 }),
        ServiceFilters.byPatientsForSelf([about]),
      ]) {
        const found = await all(await api.filterServicesBy(filter))
        assert.deepEqual(ids(found), ids(samples))
        assert.deepEqual(found.map(({ content }) => content.en.stringValue).sort(), ['changed', 'three', 'two'])
      }
      const identifier = new Identifier({ system: 'interop', value: `${label}-two` })
      const [found] = await all(await api.filterServicesBy(ServiceFilters.byIdentifiersForSelf([identifier])))
      assert.equal(found.content.en.stringValue, 'two')
    }, 'by label, code, date, patient and identifier')
    await proving(t, 'data sample: match', async () => {
      const filter = ServiceFilters.byTagAndValueDateForSelf('IC-TEST', { tagCode: label })
      assert.deepEqual((await api.matchServicesBy(filter)).sort(), ids(samples))
    })
    await proving(t, 'data sample: several by ids', async () => {
      assert.deepEqual(ids(await api.getServices(ids(samples))), ids(samples))
    })
    await proving(t, 'data sample: change, in a later contact', async () => {
      const later = await draft('the newest wins')
      later.services[0].id = samples[1].id
      await api.createContact(later)
      assert.equal((await api.getService(samples[1].id)).content.en.stringValue, 'the newest wins')
      await api.deleteContactUnsafe(later.id)
    })
    await proving(t, 'contact: delete', async () => {
      await api.deleteContact(changed)
      assert.ok((await api.getContact(stored.id)).deletionDate)
      await api.deleteContactsByIds(more.map(({ id, rev }) => ({ id, rev })))
      assert.deepEqual(await api.matchServicesBy(ServiceFilters.byTagAndValueDateForSelf('IC-TEST', { tagCode: label })), [])
    })
  })

  test(`documents, as the ${role}`, async (t) => {
    const { sdk: { document: api } } = persons[role]
    const stored = await proving(t, 'document: create', async () => {
      const draft = new DecryptedDocument({ id: randomUUID(), name: 'an X-ray' })
      return api.createDocument(await api.withEncryptionMetadata(draft, undefined))
    })
    const bytes = Int8Array.from({ length: 3000 }, (_, index) => index % 127)
    const attached = await proving(t, 'document: attachment, encrypted', async () => {
      const attached = await api.encryptAndSetMainAttachment(stored, ['public.png'], bytes)
      assert.notDeepEqual(await api.getRawMainAttachment(stored.id), bytes)
      assert.deepEqual(await api.getAndDecryptMainAttachment(await api.getDocument(stored.id)), bytes)
      return attached
    })
    const twice = await proving(t, 'document: second attachment, encrypted', async () => {
      const twice = await api.encryptAndSetSecondaryAttachment(attached, 'report', undefined, bytes)
      assert.deepEqual(await api.getAndDecryptSecondaryAttachment(await api.getDocument(stored.id), 'report'), bytes)
      return twice
    })
    const without = await proving(t, 'document: delete an attachment', async () => {
      const without = await api.deleteMainAttachment(stored.id, twice.rev)
      await assert.rejects(api.getRawMainAttachment(stored.id), /404/)
      return without
    })
    const changed = await proving(t, 'document: change', async () => {
      const found = await api.getDocument(stored.id)
      found.name = 'an MRI'
      const changed = await api.modifyDocument(found)
      assert.equal((await api.getDocument(stored.id)).name, 'an MRI')
      assert.notEqual(changed.rev, without.rev)
      return changed
    })
    await proving(t, 'document: delete', async () => {
      await api.deleteDocument(changed)
      assert.ok((await api.getDocument(stored.id)).deletionDate)
    })
  })

  test(`notifications, as the ${role}`, async (t) => {
    const { sdk: { maintenanceTask: api } } = persons[role]
    const taskType = code()
    const property = (stringValue) =>
      new DecryptedPropertyStub({ id: 'asked', typedValue: new DecryptedTypedValue({ type: TypedValuesType.String, stringValue }) })
    const other = persons[role === 'patient' ? 'practitioner' : 'patient']
    const stored = await proving(t, 'notification: create', async () => {
      const draft = new DecryptedMaintenanceTask({ id: randomUUID(), taskType, properties: [property('for a visit')] })
      const delegates = { [other.id]: AccessLevel.Write }
      const stored = await api.createMaintenanceTask(await api.withEncryptionMetadata(draft, { delegates }))
      assert.equal((await api.encrypted.getMaintenanceTask(stored.id)).properties.length, 0)
      return stored
    })
    await proving(t, 'notification: filter', async () => {
      // Somebody else's session learns of new exchange keys when it starts.
      for (const { sdk } of [persons[role], await again(other)]) {
        const found = await all(await sdk.maintenanceTask.filterMaintenanceTasksBy(MaintenanceTaskFilters.byTypeForSelf(taskType)))
        assert.deepEqual(ids(found), [stored.id])
        assert.equal(found[0].properties[0].typedValue.stringValue, 'for a visit')
      }
    }, 'as whoever asks and as whoever is asked')
    const changed = await proving(t, 'notification: change', async () => {
      const { sdk: { maintenanceTask: theirs } } = await again(other)
      const task = await theirs.getMaintenanceTask(stored.id)
      task.properties = [property('next week')]
      await theirs.modifyMaintenanceTask(task)
      const found = await api.getMaintenanceTask(stored.id)
      assert.equal(found.properties[0].typedValue.stringValue, 'next week')
      return found
    })
    await proving(t, 'notification: delete', async () => {
      await api.deleteMaintenanceTask(changed)
      const found = await api.filterMaintenanceTasksBy(MaintenanceTaskFilters.byTypeForSelf(taskType))
      assert.deepEqual(await all(found), [])
    })
  })
}

test("the patient's own record", async (t) => {
  const { sdk: { patient: api }, id } = persons.patient
  await proving(t, 'patient: change the own record', async () => {
    const self = await api.getPatient(id)
    self.note = 'afraid of snakes'
    await api.modifyPatient(self)
    assert.equal((await api.encrypted.getPatient(id)).note, undefined)
    assert.equal((await api.getPatient(id)).note, 'afraid of snakes')
  })
  await proving(t, 'patient: share the own record', async () => {
    const doctor = persons.practitioner
    await api.shareWith(doctor.id, await api.getPatient(id))
    assert.equal((await doctor.sdk.patient.getPatient(id)).note, 'afraid of snakes')
  })
})

test('patients of a practitioner', async (t) => {
  const { sdk: { patient: api } } = persons.practitioner
  const identifier = new Identifier({ system: 'interop', value: code() })
  const stored = await proving(t, 'patient: create', async () => {
    const draft = new DecryptedPatient({ id: randomUUID(), firstName: 'Eva', lastName: code(), note: 'allergic', identifier: [identifier] })
    const stored = await api.createPatient(await api.withEncryptionMetadata(draft))
    assert.equal((await api.encrypted.getPatient(stored.id)).note, undefined)
    return stored
  })
  const changed = await proving(t, 'patient: change', async () => {
    stored.note = 'not allergic'
    await api.modifyPatient(stored)
    const found = await api.getPatient(stored.id)
    assert.equal(found.note, 'not allergic')
    return found
  })
  await proving(t, 'patient: filter', async () => {
    const found = await all(await api.filterPatientsBy(PatientFilters.byIdentifiersForSelf([identifier])))
    assert.deepEqual(found.map(({ note }) => note), ['not allergic'])
  }, 'by identifier')
  await proving(t, 'patient: match', async () => {
    assert.deepEqual(await api.matchPatientsBy(PatientFilters.byIdentifiersForSelf([identifier])), [stored.id])
    assert.deepEqual(await api.matchPatientsBy(PatientFilters.byNameForSelf(stored.lastName)), [stored.id])
  }, 'by identifier and by name')
  await proving(t, 'patient: delete', async () => {
    await api.deletePatient(changed)
    assert.deepEqual(await api.matchPatientsBy(PatientFilters.byIdentifiersForSelf([identifier])), [])
  })
})

test('users and practitioners', async (t) => {
  const { sdk, id } = persons.practitioner
  const lastName = `House${code()}`
  await proving(t, 'practitioner: change', async () => {
    const self = await sdk.healthcareParty.getCurrentHealthcareParty()
    self.lastName = lastName
    await sdk.healthcareParty.modifyHealthcareParty(self)
    assert.equal((await persons.patient.sdk.healthcareParty.getHealthcareParty(id)).lastName, lastName)
  })
  await proving(t, 'practitioner: filter', async () => {
    const found = await all(await sdk.healthcareParty.filterHealthPartiesBy(HealthcarePartyFilters.byName(lastName)))
    assert.deepEqual(ids(found), [id])
  }, 'by name')
  await proving(t, 'practitioner: match', async () => {
    assert.deepEqual(await sdk.healthcareParty.matchHealthcarePartiesBy(HealthcarePartyFilters.byName(lastName)), [id])
  }, 'by name')
  const draft = new DecryptedPatient({ id: randomUUID(), firstName: 'Ida', lastName: 'Lupino', note: 'likes films' })
  const patient = await sdk.patient.createPatient(await sdk.patient.withEncryptionMetadata(draft))
  const login = people.someone('ida')
  const user = await proving(t, 'user: create', () =>
    sdk.user.createUser(new User({ id: randomUUID(), login, email: login, patientId: patient.id })), 'for a patient of the practitioner')
  await proving(t, 'user: by e-mail', async () => assert.equal((await sdk.user.getUserByEmail(login)).id, user.id))
  await proving(t, 'user: filter', async () => {
    assert.deepEqual(ids(await all(await sdk.user.filterUsersBy(UserFilters.byPatientId(patient.id)))), [user.id])
  }, "by the patient's id")
  await proving(t, 'user: invite', async () => {
    const token = await sdk.user.getToken(user.id, 'invitation', { tokenValidity: 3600 })
    const device = new people.Device()
    const { strategies } = await people.withToken(login, token, device, true)
    assert.equal(strategies.made, 1)
    await sdk.patient.shareWith(patient.id, await sdk.patient.getPatient(patient.id))
    const { sdk: invited } = await people.withToken(login, token, device)
    assert.equal(await invited.dataOwner.getCurrentDataOwnerId(), patient.id)
    assert.equal((await invited.patient.getPatient(patient.id)).note, 'likes films')
  }, 'a user with a token; the invited makes a key pair and reads the own record')
})

test('codes and devices', async (t) => {
  const { sdk, id } = persons.practitioner
  const label = code()
  await proving(t, 'code: create', async () => {
    await sdk.code.createCode(new Code({ id: `IC-TEST|${label}|1`, type: 'IC-TEST', code: label, version: '1', label: { en: 'a test' }, regions: ['be'] }))
    assert.equal((await sdk.code.getCodeWithParts('IC-TEST', label, '1')).label.en, 'a test')
  })
  await proving(t, 'code: filter', async () => {
    const filter = CodeFilters.byRegionTypeCodeVersion('be', { type: 'IC-TEST', code: label })
    assert.deepEqual(ids(await all(await sdk.code.filterCodesBy(filter))), [`IC-TEST|${label}|1`])
  })
  const device = await proving(t, 'device: create', async () => {
    const device = await sdk.device.createDevice(new Device({ id: randomUUID(), name: 'a scale', responsible: id }))
    assert.equal((await sdk.device.getDevice(device.id)).name, 'a scale')
    return device
  })
  await proving(t, 'device: change', async () => {
    device.name = 'a watch'
    Object.assign(device, await sdk.device.modifyDevice(device))
    assert.equal((await sdk.device.getDevice(device.id)).name, 'a watch')
  })
  await proving(t, 'device: filter', async () => {
    assert.deepEqual(ids(await all(await sdk.device.filterDevicesBy(DeviceFilters.byResponsible(id)))), [device.id])
  }, 'by who is responsible')
  await proving(t, 'device: delete', async () => {
    await sdk.device.deleteDevice(device)
    assert.deepEqual(await all(await sdk.device.filterDevicesBy(DeviceFilters.byResponsible(id))), [])
  })
})
