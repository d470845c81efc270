// Somebody with the package in hand.

import { randomUUID } from 'node:crypto'
import {
  AuthenticationMethod,
  AuthenticationProcessTelecomType,
  CaptchaOptions,
  CardinalSdk,
  CryptoStrategies,
  DataOwnerType,
  DecryptedContact,
  DecryptedContent,
  DecryptedService,
} from '@icure/cardinal-sdk'

import * as target from './target.mjs'

/** Takes the keys of delegates as they are, counts the keys that are made. */
export class Strategies extends CryptoStrategies {
  made = 0

  /** Only practitioners are named in delegations, unless everybody is. */
  constructor(mayMakeAKey, named = false) {
    super()
    this.mayMakeAKey = mayMakeAKey
    this.named = named
  }

  async generateNewKeyForDataOwner() {
    this.made += 1
    return this.mayMakeAKey
  }

  async verifyDelegatePublicKeys(_delegate, publicKeys) {
    return publicKeys
  }

  async dataOwnerRequiresAnonymousDelegation(dataOwner) {
    return !this.named && dataOwner.type !== DataOwnerType.Hcp
  }
}

/** Storage for one device. */
export class Device {
  items = new Map()

  async getItem(key) {
    return this.items.get(key)
  }

  async setItem(key, value) {
    this.items.set(key, value)
  }

  async removeItem(key) {
    this.items.delete(key)
  }
}

export const recaptcha = () => new CaptchaOptions.Recaptcha({ solution: 'an answer' })

const options = (strategies) => ({ cryptoStrategies: strategies })

/** The package's own authentication process, as far as the code is needed. */
export function start(processId, login, captcha = recaptcha(), device = new Device(), strategies = new Strategies(true)) {
  const telecom = login.includes('@') ? AuthenticationProcessTelecomType.Email : AuthenticationProcessTelecomType.MobilePhone
  return CardinalSdk.initializeWithProcess(
    undefined,
    target.API,
    target.GATEWAY,
    target.SPEC,
    processId,
    telecom,
    login,
    captcha,
    device,
    { firstName: 'Ada', lastName: 'Lovelace' },
    options(strategies),
  )
}

/** A new account, with a key pair. */
export async function register(processId, login, device = new Device(), strategies = new Strategies(true)) {
  const process = await start(processId, login, recaptcha(), device, strategies)
  const sdk = await process.completeAuthentication(await target.lastCode(login))
  return { sdk, device, strategies }
}

export async function withToken(login, token, device, mayMakeAKey = false) {
  const strategies = new Strategies(mayMakeAKey)
  const credentials = new AuthenticationMethod.UsingCredentials.UsernameLongToken(login, token)
  const sdk = await CardinalSdk.initialize(undefined, target.API, credentials, device, options(strategies))
  return { sdk, strategies }
}

export const someone = (name) => `${name}-${randomUUID().slice(0, 8)}@example.org`

/** A contact with one data sample, not yet encrypted. */
export function note(text) {
  const service = new DecryptedService({
    id: randomUUID(),
    tags: [{ id: 'IC-TEST|TEST|1', type: 'IC-TEST', code: 'TEST', version: '1' }],
    content: { en: new DecryptedContent({ stringValue: text }) },
  })
  return new DecryptedContact({ id: randomUUID(), services: [service] })
}

export const textOf = (contact) => contact.services[0].content.en.stringValue
