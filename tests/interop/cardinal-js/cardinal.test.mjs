// The package on its own: it registers, makes keys, writes, shares, reads.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { AccessLevel, CaptchaOptions, CardinalSdk, DecryptedContent } from '@icure/cardinal-sdk'

import { notOffered, proving } from './lib/outcomes.mjs'
import * as people from './lib/people.mjs'
import * as target from './lib/target.mjs'

let doctor, doctorId

before(async () => {
  doctor = (await people.register(target.HCP_BY_EMAIL, people.someone('doctor'))).sdk
  doctorId = (await doctor.user.getCurrentUser()).healthcarePartyId
})

/** A patient of its own, with a key pair, and its own document. */
async function patient() {
  const login = people.someone('ada')
  const { sdk } = await people.register(target.PATIENT_BY_EMAIL, login)
  const self = await sdk.patient.ensureEncryptionMetadataForSelfIsInitialized()
  return { sdk, self, login }
}

async function written(text, options) {
  const { sdk, self } = await patient()
  const contact = await sdk.contact.withEncryptionMetadata(people.note(text), self, options)
  return { sdk, stored: await sdk.contact.createContact(contact) }
}

for (const [operation, captcha] of [
  ['captcha: recaptcha', () => people.recaptcha()],
  ['captcha: friendly-captcha', () => new CaptchaOptions.FriendlyCaptcha({ solution: 'an answer' })],
  ['captcha: kerberus', () => new CaptchaOptions.Kerberus.Delegated({})],
]) {
  test(operation, async (t) => {
    await proving(t, operation, async () => {
      const login = people.someone('captcha')
      const process = await people.start(target.PATIENT_BY_EMAIL, login, captcha())
      const sdk = await process.completeAuthentication(await target.lastCode(login))
      assert.equal((await sdk.user.getCurrentUser()).login, login)
    })
  })
}

test('a captcha that is wrong', async (t) => {
  await proving(t, 'wrong captcha refused', async () => {
    const login = people.someone('captcha')
    for (const captcha of [
      new CaptchaOptions.Recaptcha({ solution: 'invalid' }),
      new CaptchaOptions.Kerberus.Computed({ solution: { id: 'none', nonces: ['1'] } }),
    ]) {
      await assert.rejects(people.start(target.PATIENT_BY_EMAIL, login, captcha))
    }
    assert.equal(await target.messagesTo(login), 0)
  })
})

test('register, and come back with a token', async (t) => {
  const [login, device] = [people.someone('ada'), new people.Device()]
  const process = await proving(t, 'start an authentication process', async () => {
    const process = await people.start(target.PATIENT_BY_EMAIL, login, people.recaptcha(), device)
    assert.equal(await target.messagesTo(login), 1)
    return process
  })
  const sdk = await proving(t, 'log in with login and OTP', async () => {
    const code = await target.lastCode(login)
    await assert.rejects(process.completeAuthentication(code === '000000' ? '000001' : '000000'))
    return process.completeAuthentication(code)
  })
  const user = await proving(t, 'current user', async () => {
    const user = await sdk.user.getCurrentUser()
    assert.equal(user.login, login)
    assert.equal(user.patientId, await sdk.dataOwner.getCurrentDataOwnerId())
    return user
  })
  const keys = await proving(t, 'create a key pair', async () => {
    const keys = Object.keys((await sdk.crypto.currentDataOwnerKeys())[user.patientId])
    assert.equal(keys.length, 1)
    return keys
  })
  await proving(t, 'publish the public key', async () => {
    // As somebody else sees it.
    const { stub } = await doctor.dataOwner.getCryptoActorStub(user.patientId)
    assert.deepEqual(stub.publicKeysForOaepWithSha256.map((key) => key.slice(-32)), keys)
  })
  const token = await proving(t, 'long-lived token', () => sdk.user.getToken(user.id, 'interop', { tokenValidity: 3600 }))
  await proving(t, 'log in with the token', async () => {
    const again = await people.withToken(login, token, device)
    assert.equal((await again.sdk.user.getCurrentUser()).id, user.id)
    assert.deepEqual(Object.keys((await again.sdk.crypto.currentDataOwnerKeys())[user.patientId]), keys)
    assert.equal(again.strategies.made, 0)
  }, 'with the key pair of the first log-in')
})

test('register by SMS', async (t) => {
  await proving(t, 'log in with login and OTP by SMS', async () => {
    const phone = `+3247${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`
    const { sdk } = await people.register(target.PATIENT_BY_SMS, phone)
    assert.equal((await sdk.user.getCurrentUser()).mobilePhone, phone)
  })
})

test('write, read and share', async (t) => {
  const { sdk, self } = await patient()
  await proving(t, 'initialise exchange keys', async () => {
    assert.equal(Object.keys(self.securityMetadata.secureDelegations).length, 1)
    assert.equal((await sdk.patient.getSecretIdsOf(self)).length ?? 1, 1)
  }, 'exchange data, and the secret id of the patient')
  const stored = await proving(t, 'create an encrypted entity', async () => {
    const contact = people.note('Hello world')
    contact.descr = 'a secret title'
    const sealed = await sdk.contact.withEncryptionMetadata(contact, self)
    const stored = await sdk.contact.createContact(sealed)
    const asStored = await sdk.contact.encrypted.getContact(stored.id)
    assert.equal(asStored.descr, undefined)
    assert.deepEqual(asStored.services[0].content, {})
    assert.ok(asStored.services[0].encryptedSelf)
    return stored
  }, 'a contact with a service')
  const found = await proving(t, 'read it back and decrypt', async () => {
    const found = await sdk.contact.getContact(stored.id)
    assert.deepEqual([found.descr, people.textOf(found)], ['a secret title', 'Hello world'])
    const service = await sdk.contact.getService(stored.services[0].id)
    assert.equal(service.content.en.stringValue, 'Hello world')
    return found
  })
  await proving(t, 'not shared, not read', () => assert.rejects(doctor.contact.getContact(stored.id), /403/))
  await proving(t, 'share with the responsible', async () => {
    const shared = await sdk.contact.shareWith(doctorId, found)
    assert.equal(Object.keys(shared.securityMetadata.secureDelegations).length, 2)
  })
  await proving(t, 'read by the responsible', async () => {
    const read = await doctor.contact.getContact(stored.id)
    assert.deepEqual([read.descr, people.textOf(read)], ['a secret title', 'Hello world'])
  })
})

test('shared to read', async (t) => {
  const { sdk, stored } = await written('at once', { delegates: { [doctorId]: AccessLevel.Read } })
  const read = await proving(t, 'shared at creation, read by the responsible', async () => {
    const read = await doctor.contact.getContact(stored.id)
    assert.equal(people.textOf(read), 'at once')
    return read
  })
  await proving(t, 'shared to read, not to write', async () => {
    read.services[0].content = { en: new DecryptedContent({ stringValue: 'changed by the reader' }) }
    await assert.rejects(doctor.contact.modifyContact(read), /403/)
    assert.equal(people.textOf(await sdk.contact.getContact(stored.id)), 'at once')
  })
})

test('a stale revision', async (t) => {
  const { sdk, stored } = await written('first')
  await proving(t, 'stale revision refused', async () => {
    stored.services[0].content = { en: new DecryptedContent({ stringValue: 'second' }) }
    await sdk.contact.modifyContact(stored)
    await assert.rejects(sdk.contact.modifyContact(stored))
    assert.equal(people.textOf(await sdk.contact.getContact(stored.id)), 'second')
  })
})

test('what the package does not offer', async (t) => {
  const { sdk } = await patient()
  const offered = [sdk, CardinalSdk].flatMap((it) => [...Object.getOwnPropertyNames(it), ...Object.getOwnPropertyNames(Object.getPrototypeOf(it))])
  assert.ok(offered.includes('switchGroup'))
  assert.equal(offered.some((name) => /logout/i.test(name)), false)
  notOffered(t, 'log out', 'nothing named `logout` in the package')
})
