// The people of the tests: accounts with everything that @icure/api needs to
// encrypt, set up through @icure/api alone.

import { randomUUID } from 'node:crypto'

import { makeKeyPair, session } from './sdk.js'
import { validatedCode } from './simulator.js'

// A practitioner with a key pair and a long-lived token.
export async function practitioner() {
  const { login, code } = await validatedCode('hcp', { firstName: 'Gregory', lastName: 'House' })
  const by = await session(login, code)
  const user = await by.api.userApi.getCurrentUser()
  const token = await by.api.userApi.getToken(user.id, randomUUID(), 3600)
  const hcp = await by.api.healthcarePartyApi.getCurrentHealthcareParty()
  const keys = await makeKeyPair(by, hcp.id)
  await by.api.healthcarePartyApi.modifyHealthcareParty({ ...hcp, publicKey: keys.publicKey })
  by.api.cryptoApi.emptyHcpCache(hcp.id)
  return { ...by, login, token, user, keys, id: hcp.id }
}

// A patient who has only just logged in for the first time.
export async function newcomer(responsible) {
  const { login, code } = await validatedCode('patient', { responsible })
  const by = await session(login, code)
  const user = await by.api.userApi.getCurrentUser()
  return { ...by, login, code, user, id: user.patientId }
}

// Makes a key pair for a newcomer and publishes its public half.
export async function publishKeyPair(person) {
  const { patientApi, cryptoApi } = person.api
  const keys = await makeKeyPair(person, person.id)
  const patient = await patientApi.getPatientWithUser(person.user, person.id)
  await patientApi.modifyPatientRaw({ ...patient, publicKey: keys.publicKey })
  cryptoApi.emptyHcpCache(person.id)
  return keys
}

// Exchange keys to oneself and the default delegates, and the patient's own
// secret id and encryption key under them.
export async function initialiseExchangeKeys(person) {
  const { patientApi } = person.api
  const patient = await patientApi.getPatientWithUser(person.user, person.id)
  const initialised = await patientApi.initDelegationsAndEncryptionKeys(patient, person.user)
  return patientApi.modifyPatientWithUser(person.user, initialised)
}

// A patient of a practitioner, ready to write.
export async function patientOf(responsible) {
  const person = await newcomer(responsible)
  const token = await person.api.userApi.getToken(person.user.id, randomUUID(), 3600)
  const keys = await publishKeyPair(person)
  await initialiseExchangeKeys(person)
  return { ...person, token, keys }
}

// A contact with one encrypted service, as @icure/api makes it: about the
// writer, or about another patient.
export async function writeContact(person, content, { about = person.id, delegates = [] } = {}) {
  const { contactApi, patientApi, cryptoApi } = person.api
  const patient = await patientApi.getPatientWithUser(person.user, about)
  const service = {
    id: cryptoApi.randomUuid(),
    valueDate: 20220929083400,
    tags: [{ type: 'IC-TEST', code: 'TEST', version: '1', id: 'IC-TEST|TEST|1' }],
    content: { en: content },
  }
  const draft = await contactApi.newInstance(
    person.user, patient, { descr: 'a first visit', services: [service] }, false, delegates
  )
  return contactApi.createContactWithUser(person.user, draft)
}

// The contacts of a patient, which are found by its secret ids.
export async function contactsOf(person) {
  const patient = await person.api.patientApi.getPatientWithUser(person.user, person.id)
  return person.api.contactApi.findBy(person.id, patient)
}
