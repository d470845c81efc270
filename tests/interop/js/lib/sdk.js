// Sessions of @icure/api, through what the package exports.

import { webcrypto } from 'node:crypto'
import { createRequire } from 'node:module'

import { host } from './simulator.js'

const require = createRequire(import.meta.url)
export const icure = require('@icure/api')

// The SDK says much on the console, some of it secret.
for (const level of ['info', 'log', 'warn', 'error', 'debug']) {
  if (!process.env.INTEROP_VERBOSE) console[level] = () => {}
}

// Storage that is gone with the process.
class Memory {
  #items = new Map()
  async getItem(key) {
    return this.#items.get(key)
  }
  async setItem(key, value) {
    this.#items.set(key, value)
  }
  async removeItem(key) {
    this.#items.delete(key)
  }
}

// A session: the SDK's APIs, and the requests that it made.
export async function session(login, password, { answer } = {}) {
  const requests = []
  const spy = async (url, init) => {
    const { pathname } = new URL(url)
    const response = (await answer?.(pathname, init)) ?? (await fetch(url, init))
    const scheme = init.headers?.Authorization?.split(' ')[0]
    requests.push({ line: `${init.method} ${pathname.replace('/rest/v1', '')}`, status: response.status, scheme })
    return response
  }
  const storage = new Memory()
  const keys = new icure.KeyStorageImpl(storage)
  const api = await icure.Api(host, login, password, webcrypto, spy, false, false, storage, keys)
  return { api, requests, lines: () => requests.map(({ line, status }) => `${line} ${status}`) }
}

// A key pair of the SDK's own making, in hand and in its key storage. The keys
// are SPKI and PKCS#8 in hexadecimal.
export async function makeKeyPair({ api }, owner) {
  const { RSA, keyStorage, rsaLocalStoreIdPrefix } = api.cryptoApi
  const pair = await RSA.generateKeyPair()
  const jwk = await RSA.exportKeys(pair, 'jwk', 'jwk')
  const { publicKey, privateKey } = await RSA.exportKeys(pair, 'pkcs8', 'spki')
  const hex = { publicKey: icure.ua2hex(publicKey), privateKey: icure.ua2hex(privateKey) }
  await api.cryptoApi.cacheKeyPair(jwk)
  await keyStorage.storeKeyPair(`${rsaLocalStoreIdPrefix}${owner}.${hex.publicKey.slice(-32)}`, jwk)
  return hex
}

// Puts a key pair that was made elsewhere into the SDK's key storage.
export async function takeKeyPair({ api }, owner, { privateKey }) {
  await api.cryptoApi.loadKeyPairsAsTextInBrowserLocalStorage(owner, icure.hex2ua(privateKey))
}
