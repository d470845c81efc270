// The package when its JWT has expired: beside a simulator whose JWTs live for ten seconds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { proving } from './lib/outcomes.mjs'
import * as people from './lib/people.mjs'
import * as target from './lib/target.mjs'

test('go on after the JWT has expired', async (t) => {
  const login = people.someone('ada')
  const { sdk } = await people.register(target.PATIENT_BY_EMAIL, login)
  // This version takes its 30 seconds of leeway from the wrong side: it renews a JWT that has
  // been invalid for so long, and sends the invalid one until then.
  await pause(11_000)
  await assert.rejects(sdk.user.getCurrentUser(), /401/)
  await pause(30_000)
  await proving(t, 'refresh an expired JWT', async () => {
    assert.equal((await sdk.user.getCurrentUser()).login, login)
  }, 'this version renews a JWT 30 seconds after its end, and is refused in between')
})
