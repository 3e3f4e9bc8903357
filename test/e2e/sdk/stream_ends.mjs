// SPDX-License-Identifier: Apache-2.0
// What the SDK makes of the ends that a stream can have: docs/compatibility.md says it. Each from a server of this script's own.
import http from 'node:http';
import Anthropic from '@anthropic-ai/sdk';

const EVENT = 'event: message\nid: sevt_1\ndata: {"id":"sevt_1","type":"user.message"}\n\n';
const ERROR = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"closing"}}\n\n';
const ends = {
  done: (answer) => answer.end(EVENT + 'data: [DONE]\n\n'),
  ping: (answer) => answer.end(EVENT + 'event: ping\ndata: {"type":"ping","closing":"shutdown"}\n\n'),
  error: (answer) => answer.end(EVENT + ERROR),
  cut: (answer) => answer.write(EVENT, () => setTimeout(() => answer.socket.destroy(), 50)),
  none: (answer) => answer.writeHead(204).end(),
};

const server = http.createServer((request, answer) => {
  const name = request.url.split('/')[3];
  if (name !== 'none') answer.writeHead(200, { 'content-type': 'text/event-stream' });
  ends[name](answer);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new Anthropic({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}`, maxRetries: 0 });

const report = {};
for (const name of Object.keys(ends)) {
  let seen = 0;
  try {
    for await (const event of await client.beta.sessions.events.stream(name)) seen += event.id === 'sevt_1';
    report[name] = [seen, 'ended'];
  } catch (error) {
    report[name] = [seen, error.constructor.name];
  }
}
server.close();
console.log(JSON.stringify(report));
