// What is written is told over the socket: one session listens, another of somebody else writes.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import {
  AccessLevel,
  CodeStub,
  DecryptedHealthElement,
  EntitySubscriptionEvent,
  HealthElementFilters,
  ServiceFilters,
  SubscriptionEventType,
} from '@icure/cardinal-sdk'

import { proving } from './lib/outcomes.mjs'
import * as people from './lib/people.mjs'
import * as target from './lib/target.mjs'

const WAIT = 10_000
const label = new CodeStub({ id: 'IC-TEST|EVENT|1', type: 'IC-TEST', code: 'EVENT', version: '1' })
let ada, doctor

before(async () => {
  doctor = await people.register(target.HCP_BY_EMAIL, people.someone('doctor'))
  doctor.id = await doctor.sdk.dataOwner.getCurrentDataOwnerId()
  // Over the socket the package sends no keys of delegations without names: who has only those is
  // told nothing.
  ada = await people.register(target.PATIENT_BY_EMAIL, people.someone('ada'), new people.Device(), new people.Strategies(true, true))
  ada.self = await ada.sdk.patient.encrypted.modifyPatient(await ada.sdk.patient.ensureEncryptionMetadataForSelfIsInitialized())
})

/** The next entity that a subscription tells. */
async function next(subscription) {
  for (;;) {
    const event = await subscription.waitForEvent(WAIT)
    assert.ok(event, 'no event came')
    if (event.entity) return event.entity
    assert.equal(event, EntitySubscriptionEvent.Connected)
  }
}

const delegates = () => ({ delegates: { [doctor.id]: AccessLevel.Write } })

async function healthElement(descr) {
  const draft = new DecryptedHealthElement({ id: randomUUID(), descr, tags: [label] })
  const api = ada.sdk.healthElement
  return api.createHealthElement(await api.withEncryptionMetadata(draft, ada.self, delegates()))
}

for (const role of ['practitioner', 'patient']) {
  test(`events of health elements, as the ${role}`, async (t) => {
    const { sdk } = role === 'patient' ? ada : doctor
    const events = [SubscriptionEventType.Create, SubscriptionEventType.Update]
    const filter = HealthElementFilters.byTagForSelf('IC-TEST', { tagCode: 'EVENT' })
    const subscription = await sdk.healthElement.subscribeToEvents(events, filter)
    const stored = await proving(t, 'event: health element created', async () => {
      const stored = await healthElement('a fear of snakes')
      const told = await next(subscription)
      assert.equal(told.id, stored.id)
      assert.equal((await sdk.healthElement.decrypt(told)).descr, 'a fear of snakes')
      return stored
    })
    await proving(t, 'event: health element changed', async () => {
      stored.descr = 'a fear of spiders'
      await ada.sdk.healthElement.modifyHealthElement(stored)
      assert.equal((await sdk.healthElement.decrypt(await next(subscription))).descr, 'a fear of spiders')
    })
    await subscription.close()
  })

  test(`events of data samples, as the ${role}`, async (t) => {
    const { sdk } = role === 'patient' ? ada : doctor
    const filter = ServiceFilters.byTagAndValueDateForSelf('IC-TEST', { tagCode: 'EVENT' })
    const subscription = await sdk.contact.subscribeToServiceCreateOrUpdateEvents(filter)
    await proving(t, 'event: data sample created', async () => {
      const others = await ada.sdk.contact.withEncryptionMetadata(people.note('of another label'), ada.self, delegates())
      await ada.sdk.contact.createContact(others)
      const draft = people.note('told at once')
      draft.services[0].tags = [label]
      const stored = await ada.sdk.contact.createContact(await ada.sdk.contact.withEncryptionMetadata(draft, ada.self, delegates()))
      const told = await next(subscription)
      assert.equal(told.id, stored.services[0].id)
      assert.equal((await sdk.contact.decryptService(told)).content.en.stringValue, 'told at once')
    }, 'and no other than those of the label')
    await subscription.close()
  })
}
