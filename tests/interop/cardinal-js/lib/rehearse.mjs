// `rehearse` itself, as somebody at a terminal uses it.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A folder with a vault. */
export class Home {
  static async make() {
    const home = new Home()
    home.folder = await mkdtemp(join(process.env.REHEARSE_SCRATCH, 'home-'))
    return home
  }

  /** Plays the steps of one virtual user, and gives what they tell. */
  async play(steps) {
    const heard = []
    const server = createServer(async (request, response) => {
      heard.push(JSON.parse(Buffer.concat(await request.toArray()).toString()))
      response.end()
    })
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
    try {
      const tell = (json) => ({ http: { url: `http://127.0.0.1:${server.address().port}/told`, json } })
      const plan = { name: 'crossing', scenarios: { one: { steps: steps(tell) } } }
      await writeFile(join(this.folder, 'plan.yaml'), JSON.stringify(plan))
      await this.rehearse('run', 'plan.yaml', '--target', process.env.REHEARSE_TARGET, '--reports', 'reports')
    } finally {
      server.close()
    }
    return heard
  }

  /** What the vault has under a name. */
  async export(name) {
    return JSON.parse(await this.rehearse('vault', 'export', name, '--reveal'))[0]
  }

  /** Saves credentials in the vault. */
  async take(credentials) {
    await writeFile(join(this.folder, 'credentials.json'), JSON.stringify(credentials))
    await this.rehearse('vault', 'import', 'credentials.json')
  }

  async rehearse(...words) {
    const options = { cwd: this.folder, timeout: 120_000 }
    const ran = await run(process.env.REHEARSE, [...words, '--vault', 'people.vault'], options).catch((error) => error)
    assert.equal(ran.code ?? 0, 0, `${ran.stdout}${ran.stderr}`)
    return ran.stdout
  }
}
