// Starts `rehearse lsp` for files in YAML. Which of them are ours is for it to say.
const { commands, window, workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

async function start() {
  const settings = workspace.getConfiguration('rehearse');
  const command = settings.get('path', 'rehearse');
  const args = ['lsp', ...settings.get('arguments', [])];
  client = new LanguageClient('rehearse', 'rehearse', { command, args }, {
    documentSelector: [{ scheme: 'file', language: 'yaml' }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher('**/*.{yaml,yml,csv}') },
  });
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(`rehearse: cannot start \`${command} lsp\`: ${error.message}. The setting rehearse.path names the program.`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function activate(context) {
  context.subscriptions.push(commands.registerCommand('rehearse.restart', async () => {
    await stop();
    await start();
  }));
  await start();
}

module.exports = { activate, deactivate: stop };
