// The language server for YAML, spoken to as an editor does (LSP over stdio).
const { spawn } = require('node:child_process');
const { readFileSync, readdirSync, mkdtempSync, writeFileSync, rmSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { tmpdir } = require('node:os');
const { pathToFileURL } = require('node:url');
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');

const repository = resolve(__dirname, '../..');
const rehearse = process.env.REHEARSE || join(repository, 'target/debug/rehearse');
const binary = require.resolve('yaml-language-server/bin/yaml-language-server');

/** One server, and messages with it. */
class Editor {
  constructor() {
    this.server = spawn('node', [binary, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.received = Buffer.alloc(0);
    this.answers = new Map();
    this.waiting = new Map();
    this.last = 0;
    this.server.stdout.on('data', (chunk) => this.take(chunk));
  }

  take(chunk) {
    this.received = Buffer.concat([this.received, chunk]);
    for (;;) {
      const head = this.received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.received.subarray(0, head))[1]);
      if (this.received.length < head + 4 + length) return;
      const body = this.received.subarray(head + 4, head + 4 + length);
      this.received = this.received.subarray(head + 4 + length);
      this.handle(JSON.parse(body));
    }
  }

  handle(message) {
    if (message.method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = message.params;
      this.waiting.get(uri)?.(diagnostics);
    } else if (message.method && message.id !== undefined) {
      // It asks for settings, and to be allowed to watch files.
      const result = message.method === 'workspace/configuration'
        ? message.params.items.map((item) => (item.section === 'yaml' ? { validate: true, hover: true, completion: true, schemaStore: { enable: false } } : {}))
        : null;
      this.send({ id: message.id, result });
    } else if (message.id !== undefined) {
      this.answers.get(message.id)?.(message);
    }
  }

  send(message) {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  ask(method, params) {
    const id = ++this.last;
    const answer = new Promise((done, failed) => {
      this.answers.set(id, ({ result, error }) => (error ? failed(new Error(error.message)) : done(result)));
    });
    this.send({ id, method, params });
    return answer;
  }

  async start() {
    await this.ask('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(repository).href,
      capabilities: { workspace: { configuration: true }, textDocument: { completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } } } },
    });
    this.send({ method: 'initialized', params: {} });
  }

  /** Opens a text as if it lay at a path; gives what is underlined. */
  open(path, text) {
    const uri = pathToFileURL(path).href;
    const underlined = new Promise((done) => this.waiting.set(uri, done));
    this.send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } });
    return underlined;
  }

  async at(method, path, line, character) {
    return this.ask(`textDocument/${method}`, { textDocument: { uri: pathToFileURL(path).href }, position: { line, character } });
  }
}

let editor;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'editor-'));
  for (const what of ['scenario', 'target']) {
    writeFileSync(join(folder, `${what}.json`), execFileSync(rehearse, ['schema', what]));
  }
  editor = new Editor();
  await editor.start();
});
after(() => {
  editor.server.kill();
  rmSync(folder, { recursive: true });
});

/** Opens a text with the line that names a schema; the cursor is at `|`. */
async function write(name, text, line = '# yaml-language-server: $schema=scenario.json') {
  const whole = `${line}\n${text}`;
  const cursor = whole.indexOf('|');
  const clean = whole.replace('|', '');
  const path = join(folder, name);
  const underlined = await editor.open(path, clean);
  const lines = whole.slice(0, Math.max(cursor, 0)).split('\n');
  return { path, underlined, line: lines.length - 1, character: lines.at(-1).length };
}

const labels = ({ items }) => items.map((item) => item.label);

test('nothing is underlined in what is shipped', async () => {
  let seen = 0;
  for (const place of ['scenarios', 'fixtures/targets']) {
    for (const name of readdirSync(join(repository, place))) {
      const path = join(repository, place, name);
      const underlined = await editor.open(path, readFileSync(path, 'utf8'));
      assert.deepEqual(underlined.map((one) => `${name}: ${one.message}`), []);
      seen += 1;
    }
  }
  assert.ok(seen >= 20, `${seen} files`);
  // It is their schema that says so: beside them, something else is underlined.
  for (const [path, schema] of [
    ['scenarios/other.yaml', '../docs/scenario.schema.json'],
    ['fixtures/targets/other.yaml', '../../docs/target.schema.json'],
  ]) {
    const text = `# yaml-language-server: $schema=${schema}\nnothing: known\n`;
    const underlined = await editor.open(join(repository, path), text);
    assert.ok(underlined.length > 0, path);
  }
});

test('a misspelt step and a wrong unit are underlined where they are', async () => {
  const { underlined } = await write('wrong.yaml', [
    'scenarios:',
    '  s:',
    '    steps:',
    '      - http: {url: /, timeout: 5 seconds}',
    '      - registr: {}',
  ].join('\n'));
  const lines = new Set(underlined.map((one) => one.range.start.line));
  assert.ok(lines.has(4) && lines.has(5), JSON.stringify(underlined));
});

test('steps and blocks are completed', async () => {
  const { path, line, character } = await write('steps.yaml', 'scenarios:\n  s:\n    steps:\n      - |\n');
  const offered = labels(await editor.at('completion', path, line, character));
  for (const word of ['register', 'login', 'reinstantiate', 'data_sample.create', 'http', 'group', 'parallel']) {
    assert.ok(offered.includes(word), `${word} in ${offered}`);
  }
});

test('arguments are completed, and words of an argument', async () => {
  const one = await write('arguments.yaml', 'scenarios:\n  s:\n    steps:\n      - register:\n          |\n');
  const offered = labels(await editor.at('completion', one.path, one.line, one.character));
  for (const key of ['email', 'phone', 'responsible', 'captcha', 'otp_timeout', 'save']) {
    assert.ok(offered.includes(key), `${key} in ${offered}`);
  }
  const two = await write('words.yaml', 'scenarios:\n  s:\n    executor: |\n    steps: [reload]\n');
  const words = labels(await editor.at('completion', two.path, two.line, two.character));
  assert.ok(words.includes('ramping_arrival_rate'), `${words}`);
});

test('a key says what it is for', async () => {
  const { path, line, character } = await write('hover.yaml', 'scenarios:\n  s:\n    steps:\n      - register:\n          email: a@example.org\n          responsi|ble: x\n');
  const hover = await editor.at('hover', path, line, character);
  assert.match(JSON.stringify(hover), /data owner id of the practitioner in charge/i);
});

test("IntelliJ's line will do as well", async () => {
  const { underlined } = await write('other-line.yaml', 'scenario: {}\n', '# $schema: scenario.json');
  assert.ok(underlined.length > 0);
});

test('a target is completed', async () => {
  const { path, line, character } = await write('target.yaml', 'api_url: https://example.org\notp:\n  source: imap\n  |\n', '# yaml-language-server: $schema=target.json');
  const offered = labels(await editor.at('completion', path, line, character));
  assert.ok(offered.includes('host') && offered.includes('password'), `${offered}`);
});
