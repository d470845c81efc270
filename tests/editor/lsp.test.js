// `rehearse lsp`, spoken to with the library that VS Code's own client is built on.
const { spawn } = require('node:child_process');
const { mkdtempSync, writeFileSync, rmSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { tmpdir } = require('node:os');
const { pathToFileURL } = require('node:url');
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const {
  createProtocolConnection, StreamMessageReader, StreamMessageWriter,
  InitializeRequest, InitializedNotification, ShutdownRequest, ExitNotification,
  DidOpenTextDocumentNotification, DidChangeTextDocumentNotification, DidCloseTextDocumentNotification,
  PublishDiagnosticsNotification, HoverRequest, CompletionRequest, DefinitionRequest,
  DocumentFormattingRequest, TextDocumentSyncKind, DiagnosticSeverity,
} = require('vscode-languageserver-protocol/node');

const rehearse = process.env.REHEARSE || join(resolve(__dirname, '../..'), 'target/debug/rehearse');

let server;
let editor;
let folder;
let capabilities;
const waiting = new Map();
const uri = (name) => pathToFileURL(join(folder, name)).href;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lsp-'));
  server = spawn(rehearse, ['lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  editor = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  editor.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => waiting.get(uri)?.(diagnostics));
  editor.listen();
  ({ capabilities } = await editor.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: { textDocument: { completion: { completionItem: { documentationFormat: ['markdown'] } } } },
  }));
  await editor.sendNotification(InitializedNotification.type, {});
});
after(() => {
  server.kill();
  rmSync(folder, { recursive: true });
});

const told = (name) => new Promise((done) => waiting.set(uri(name), done));

async function open(name, text) {
  writeFileSync(join(folder, name), text);
  const found = told(name);
  await editor.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri: uri(name), languageId: 'yaml', version: 1, text },
  });
  return found;
}

/** Where a word begins, and so many letters further. */
function place(name, text, word, further = 0) {
  const lines = text.slice(0, text.indexOf(word) + further).split('\n');
  return { textDocument: { uri: uri(name) }, position: { line: lines.length - 1, character: lines.at(-1).length } };
}

const SCENARIO = `vars: {city: Liège}
scenarios:
  s:
    steps:
      - register:
          email: "{{ city }}@example.org"
          responsible: "{{ target.responsible }}"
        as: registered
      - include: {file: library.yaml}
      - http: {url: "/{{ registered.user_id }}"}
`;

test('it says what it can do', () => {
  assert.equal(capabilities.textDocumentSync, TextDocumentSyncKind.Full);
  for (const able of ['hoverProvider', 'completionProvider', 'definitionProvider', 'documentFormattingProvider']) {
    assert.ok(capabilities[able], able);
  }
});

test('problems are underlined, and gone when they are put right', async () => {
  const found = await open('wrong.yaml', 'scenarios:\n  s:\n    steps:\n      - registr: {}\n');
  assert.equal(found.length, 1);
  assert.deepEqual(found[0].range, { start: { line: 3, character: 8 }, end: { line: 3, character: 15 } });
  assert.equal(found[0].severity, DiagnosticSeverity.Error);
  assert.match(found[0].message, /unknown step `registr`\n.*did you mean `register`/);
  const right = told('wrong.yaml');
  await editor.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri: uri('wrong.yaml'), version: 2 },
    contentChanges: [{ text: 'scenarios:\n  s:\n    steps:\n      - reload: {}\n' }],
  });
  assert.deepEqual(await right, []);
  await editor.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri: uri('wrong.yaml') } });
  // YAML of other programs is left alone.
  assert.deepEqual(await open('compose.yaml', 'services: {a: {}}\n'), []);
});

test('keys, names and files are explained, completed and found', async () => {
  writeFileSync(join(folder, 'library.yaml'), 'steps:\n  - reload: {}\n');
  assert.deepEqual(await open('right.yaml', SCENARIO), []);
  const hover = await editor.sendRequest(HoverRequest.type, place('right.yaml', SCENARIO, 'responsible:', 3));
  assert.match(hover.contents.value, /data owner id of the practitioner in charge/i);
  const definition = await editor.sendRequest(DefinitionRequest.type, place('right.yaml', SCENARIO, 'registered.user_id'));
  assert.equal(definition.uri, uri('right.yaml'));
  assert.equal(definition.range.start.line, 7);
  const file = await editor.sendRequest(DefinitionRequest.type, place('right.yaml', SCENARIO, 'library.yaml', 2));
  assert.equal(file.uri, uri('library.yaml'));
  const text = SCENARIO.replace('registered.user_id', 'reg');
  await editor.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri: uri('right.yaml'), version: 2 }, contentChanges: [{ text }],
  });
  const names = await editor.sendRequest(CompletionRequest.type, place('right.yaml', text, '/{{ reg', 7));
  const labels = names.map((item) => item.label);
  assert.ok(labels.includes('registered') && labels.includes('city') && labels.includes('vu'), `${labels}`);
  const keys = await editor.sendRequest(CompletionRequest.type, place('right.yaml', text, 'as: registered'));
  assert.ok(keys.some((item) => item.label === 'expect' && /./.test(item.documentation.value)), JSON.stringify(keys));
});

test('a text is formatted', async () => {
  const ugly = '# why\nscenarios:\n    s:   {steps: [ reload ]} # so\n';
  await open('ugly.yaml', ugly);
  const [edit] = await editor.sendRequest(DocumentFormattingRequest.type, {
    textDocument: { uri: uri('ugly.yaml') }, options: { tabSize: 2, insertSpaces: true },
  });
  assert.equal(edit.newText, '# why\nscenarios:\n  s: {steps: [reload]} # so\n');
});

test('it ends when it is asked to', async () => {
  const ended = new Promise((done) => server.on('exit', done));
  await editor.sendRequest(ShutdownRequest.type);
  await editor.sendNotification(ExitNotification.type);
  assert.equal(await ended, 0);
});
