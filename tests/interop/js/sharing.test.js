// With whom everything is shared belongs to the account: each side changes it,
// and the other goes by it.

import assert from 'node:assert/strict'

import { contactsOf, patientOf, practitioner, writeContact } from './lib/people.js'
import { proves } from './lib/proof.js'
import { importCredentials, play } from './lib/rehearse.js'
import { session, takeKeyPair } from './lib/sdk.js'

const content = { stringValue: 'not for everybody' }

async function patientAndResponsible(name) {
  const house = await practitioner()
  const ada = await patientOf(house.id)
  await importCredentials(name, ada)
  return { house, ada }
}

// Another session of the same person: it reads the account anew.
async function again(person) {
  const fresh = { ...person, ...(await session(person.login, person.token)) }
  fresh.user = await fresh.api.userApi.getCurrentUser()
  await takeKeyPair(fresh, person.id, person.keys)
  return fresh
}

const delegates = ({ delegations }) => Object.keys(delegations).sort()

proves(['stop sharing'], '@icure/api stops sharing, and rehearse goes by it', async () => {
  const { house, ada } = await patientAndResponsible('stops')
  const before = await writeContact(ada, content)
  assert.deepEqual(delegates(before), [ada.id, house.id].sort())
  const changed = await ada.api.userApi.modifyUser({ ...ada.user, autoDelegations: { medicalInformation: [] } })
  assert.deepEqual(changed.autoDelegations.medicalInformation ?? [], [])
  const since = await writeContact(await again(ada), content)
  assert.deepEqual(delegates(since), [ada.id])
  await play({}, [
    { reinstantiate: { from: 'stops' } },
    { 'data_sample.create': { content: { en: { stringValue: 'written by rehearse' } } } },
  ])
  const [written] = (await contactsOf(await again(ada))).filter(({ id }) => id !== before.id && id !== since.id)
  assert.deepEqual(delegates(written), [ada.id])
  // What was shared before stays shared.
  const refused = { statusCode: 403 }
  await assert.rejects(house.api.contactApi.getContactWithUser(house.user, since.id), refused)
  await assert.rejects(house.api.contactApi.getContactWithUser(house.user, written.id), refused)
  const found = await house.api.contactApi.getContactWithUser(house.user, before.id)
  assert.deepEqual(found.services[0].content.en, content)
})

proves(['go by what rehearse shares'], 'rehearse stops sharing with one and starts with another, and @icure/api goes by it', async () => {
  const { house, ada } = await patientAndResponsible('changes')
  const wilson = await practitioner()
  await play({ house: house.id, wilson: wilson.id }, [
    { reinstantiate: { from: 'changes' } },
    { stop_sharing: { with: '{{ house }}' } },
    { share: { with: '{{ wilson }}' } },
  ])
  const written = await writeContact(await again(ada), content)
  assert.deepEqual(delegates(written), [ada.id, wilson.id].sort())
  const found = await wilson.api.contactApi.getContactWithUser(wilson.user, written.id)
  assert.deepEqual(found.services[0].content.en, content)
  await assert.rejects(house.api.contactApi.getContactWithUser(house.user, written.id), { statusCode: 403 })
})
