// The package and `rehearse` on the same data, with the key pair of one person.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { AccessLevel, ContactFilters } from '@icure/cardinal-sdk'

import { proving } from './lib/outcomes.mjs'
import * as people from './lib/people.mjs'
import { Home } from './lib/rehearse.mjs'
import * as target from './lib/target.mjs'

/** The package with what a vault held; it must not ask for another key. */
async function asSaved(saved) {
  const device = new people.Device()
  for (const { privateKey, publicKey } of saved.keyPairs) {
    const name = `org.taktik.icure.rsa.device.${saved.dataOwnerId}.${publicKey.slice(-32)}`
    device.items.set(name, JSON.stringify({ privateKey: Buffer.from(privateKey, 'hex').toString('base64') }))
  }
  const { sdk, strategies } = await people.withToken(saved.login, saved.token, device)
  const keys = Object.keys((await sdk.crypto.currentDataOwnerKeys())[saved.dataOwnerId])
  assert.deepEqual(keys, saved.keyPairs.map(({ publicKey }) => publicKey.slice(-32)))
  assert.equal(strategies.made, 0)
  return sdk
}

/** Somebody with the package, and what a vault takes of them. */
async function account(process, name) {
  const login = people.someone(name)
  const { sdk } = await people.register(process, login)
  const user = await sdk.user.getCurrentUser()
  const dataOwnerId = await sdk.dataOwner.getCurrentDataOwnerId()
  const [privateKey] = Object.values((await sdk.crypto.currentDataOwnerKeys())[dataOwnerId])
  const saved = {
    name,
    login,
    token: await sdk.user.getToken(user.id, 'crossing', { tokenValidity: 3600 }),
    userId: user.id,
    dataOwnerId,
    keyPair: { privateKey: Buffer.from(privateKey).toString('hex') },
  }
  return { sdk, saved }
}

test('read what rehearse wrote', async (t) => {
  const home = await Home.make()
  const [told] = await home.play((tell) => [
    { register: { email: people.someone('doctor'), role: 'practitioner', save: 'doctor' }, as: 'doctor' },
    { register: { email: people.someone('ada'), responsible: '{{ doctor.data_owner_id }}', save: 'ada' } },
    { 'data_sample.create': { content: { en: { stringValue: 'written by rehearse' } } }, as: 'sample' },
    tell({ sample: '{{ sample.id }}', contact: '{{ sample.batch_id }}' }),
  ])
  const ada = await proving(t, 'key pair moved from rehearse', async () => asSaved(await home.export('ada')),
    "from `rehearse vault export` into the package's storage")
  await proving(t, 'read what rehearse wrote', async () => {
    assert.equal(people.textOf(await ada.contact.getContact(told.contact)), 'written by rehearse')
    const service = await ada.contact.getService(told.sample)
    assert.equal(service.content.en.stringValue, 'written by rehearse')
  })
  await proving(t, 'read by the responsible what rehearse wrote', async () => {
    const doctor = await asSaved(await home.export('doctor'))
    assert.equal(people.textOf(await doctor.contact.getContact(told.contact)), 'written by rehearse')
  })
})

test('read what the Python package wrote', async (t) => {
  const doctor = await account(target.HCP_BY_EMAIL, 'doctor')
  await proving(t, 'read what cardinal-sdk for Python wrote', async () => {
    const script = fileURLToPath(new URL('../python/write.py', import.meta.url))
    const words = [script, doctor.saved.dataOwnerId, 'written in Python']
    const { stdout } = await promisify(execFile)(process.env.REHEARSE_PYTHON, words, { timeout: 60_000 })
    assert.equal(people.textOf(await doctor.sdk.contact.getContact(stdout.trim())), 'written in Python')
  })
})

test('written by it, read by rehearse', async (t) => {
  const doctor = await account(target.HCP_BY_EMAIL, 'doctor')
  const ada = await account(target.PATIENT_BY_EMAIL, 'ada')
  const self = await ada.sdk.patient.ensureEncryptionMetadataForSelfIsInitialized()
  const delegates = { [doctor.saved.dataOwnerId]: AccessLevel.Write }
  const sealed = await ada.sdk.contact.withEncryptionMetadata(people.note('written by Cardinal'), self, { delegates })
  const stored = await ada.sdk.contact.createContact(sealed)
  const home = await Home.make()
  await proving(t, 'key pair moved to rehearse', async () => {
    await home.take([ada.saved, doctor.saved])
    assert.equal((await home.export('ada')).keyPairs[0].privateKey, ada.saved.keyPair.privateKey)
  }, "from the package's own keys into `rehearse vault import`")
  const read = (name) => home.play((tell) => [
    { reinstantiate: { from: name } },
    { 'data_sample.get': { id: stored.services[0].id }, as: 'found' },
    tell({ text: '{{ found.content.en.stringValue }}', contact: '{{ found.batch_id }}' }),
  ])
  const expected = [{ text: 'written by Cardinal', contact: stored.id }]
  await proving(t, 'written by it, read by rehearse', async () => assert.deepEqual(await read('ada'), expected))
  await proving(t, 'written by it, read by rehearse as the responsible', async () =>
    assert.deepEqual(await read('doctor'), expected))
})

test('rehearse writes for somebody whom the package has set up', async (t) => {
  const doctor = await account(target.HCP_BY_EMAIL, 'doctor')
  const ada = await account(target.PATIENT_BY_EMAIL, 'ada')
  const patients = ada.sdk.patient
  const self = await patients.encrypted.modifyPatient(await patients.ensureEncryptionMetadataForSelfIsInitialized())
  const home = await Home.make()
  await home.take([ada.saved, doctor.saved])
  const [told] = await home.play((tell) => [
    { reinstantiate: { from: 'ada' } },
    { share: { with: doctor.saved.dataOwnerId } },
    { 'data_sample.create': { content: { en: { stringValue: 'written by rehearse' } } }, as: 'sample' },
    tell({ contact: '{{ sample.batch_id }}' }),
  ])
  await proving(t, 'find by secret id', async () => {
    const again = await asSaved(await home.export('ada'))
    assert.deepEqual(await again.contact.matchContactsBy(ContactFilters.byPatientsForSelf([self])), [told.contact])
    assert.equal(people.textOf(await again.contact.getContact(told.contact)), 'written by rehearse')
  }, 'what rehearse wrote by a secret id that the package has made')
  await proving(t, 'read by the responsible what rehearse wrote', async () => {
    const other = await asSaved(await home.export('doctor'))
    assert.equal(people.textOf(await other.contact.getContact(told.contact)), 'written by rehearse')
  }, 'with a key pair of the package')
})
