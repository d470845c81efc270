// A Node server that closes connections which were idle for so many milliseconds.
//   node idle.mjs PORT-FILE MILLISECONDS
// Prints how many requests and connections there were, once its input ends.
import fs from "node:fs";
import http from "node:http";

const [, , portFile, idle] = process.argv;
let requests = 0;
let connections = 0;
const server = http.createServer((request, response) => {
  requests += 1;
  response.setHeader("content-type", "application/json");
  response.end('{"ok":true}');
});
server.on("connection", () => (connections += 1));
server.keepAliveTimeout = Number(idle);
// As Node did before it waited a little longer than it says.
server.keepAliveTimeoutBuffer = 0;
server.listen(0, "127.0.0.1", () => fs.writeFileSync(portFile, String(server.address().port)));
process.stdin.on("end", () => {
  console.log(JSON.stringify({ requests, connections }));
  process.exit(0);
});
process.stdin.resume();
