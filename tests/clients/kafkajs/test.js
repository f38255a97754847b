// An unmodified client for Node against a real registry.
//
//     node tests/clients/kafkajs/test.js target/debug/stele-registry
//
// Ends with one line, `N passed, N failed`, and with 1 where something failed or nothing ran.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const { COMPATIBILITY, SchemaRegistry, SchemaType } = require('@kafkajs/confluent-schema-registry');

const BINARY = process.argv[2] ?? 'target/debug/stele-registry';

const V1 = {
  title: 'OrderPlaced',
  type: 'object',
  required: ['orderId'],
  properties: { orderId: { type: 'string' } },
};
const ADDED = { ...V1, properties: { ...V1.properties, note: { type: 'string' } } };
const BROKEN = { ...V1, properties: { orderId: { type: 'integer' } } };
const EVENT = { orderId: '5b3f' };

const json = (document, references) => ({
  type: SchemaType.JSON,
  schema: JSON.stringify(document),
  references,
});

// A registry as a process of its own, on a free port and in a folder that is gone afterwards.
async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'stele-'));
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('STELE_'));
  const child = spawn(BINARY, ['--listen', '127.0.0.1:0', '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: Object.fromEntries(environment),
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the registry ended before it served')));
  });
  const host = line.split(' ').pop();
  const stop = async () => {
    child.kill('SIGTERM');
    const code = await ended;
    rmSync(folder, { recursive: true, force: true });
    assert.equal(code, 0, 'the registry stops when it is told to');
  };
  return { host, stop };
}

// A client with an empty cache: what it knows, it has from the registry.
const client = (host) => new SchemaRegistry({ host, retry: { retries: 0 } });

const subject = 'orders-value';
const options = { subject, compatibility: COMPATIBILITY.BACKWARD };

const tests = {
  async 'a schema is registered and found by its id'(host) {
    const { id } = await client(host).register(json(V1), options);

    const schema = await client(host).getSchema(id);
    assert.equal(schema.validate(EVENT), true);
    assert.equal(schema.validate({ orderId: 7 }), false);
    assert.equal(await client(host).getLatestSchemaId(subject), id);
    assert.equal(await client(host).getRegistryId(subject, 1), id);
    assert.equal(await client(host).getRegistryIdBySchema(subject, json(V1)), id);
  },

  async 'the same schema twice has one id'(host) {
    const first = await client(host).register(json(V1), options);
    const second = await client(host).register(json(V1), options);

    assert.equal(first.id, second.id);
  },

  async 'an event is framed with the id of its schema and comes back as it was'(host) {
    const registry = client(host);
    const { id } = await registry.register(json(V1), options);

    const message = await registry.encode(id, EVENT);

    assert.deepEqual([message[0], message.readInt32BE(1)], [0, id]);
    assert.deepEqual(await client(host).decode(message), EVENT);
    await assert.rejects(registry.encode(id, { orderId: 7 }), /invalid payload/);
  },

  async 'an old event is read after the schema has grown'(host) {
    const registry = client(host);
    const { id } = await registry.register(json(V1), options);
    const message = await registry.encode(id, EVENT);

    const { id: grown } = await registry.register(json(ADDED), options);

    assert.notEqual(grown, id);
    assert.deepEqual(await client(host).decode(message), EVENT);
  },

  async 'a schema that breaks is refused'(host) {
    await client(host).register(json(V1), options);

    const refused = client(host).register(json(BROKEN), options);

    await assert.rejects(refused, (error) => error.status === 409 && /orderId/.test(error.message));
  },

  async 'another level than the one set is noticed'(host) {
    await client(host).register(json(V1), options);

    const other = { subject, compatibility: COMPATIBILITY.FULL };

    await assert.rejects(client(host).register(json(ADDED), other), /BACKWARD/);
  },

  async 'a schema refers to a registered one'(host) {
    const address = { $id: 'address.json', type: 'object', properties: { city: { type: 'string' } } };
    const order = { type: 'object', properties: { to: { $ref: 'address.json' } } };
    await client(host).register(json(address), { ...options, subject: 'address' });
    const references = [{ name: 'address.json', subject: 'address', version: 1 }];
    const registry = client(host);

    const { id } = await registry.register(json(order, references), options);

    const message = await registry.encode(id, { to: { city: 'Berlin' } });
    assert.deepEqual(await client(host).decode(message), { to: { city: 'Berlin' } });
    await assert.rejects(registry.encode(id, { to: { city: 7 } }), /invalid payload/);
  },

  async 'a context in the subject or in the address is one'(host) {
    const { id } = await client(host).register(json(V1), { ...options, subject: ':.sales:orders' });

    const within = client(`${host}/contexts/.sales`);

    assert.equal(await within.getLatestSchemaId('orders'), id);
    assert.equal((await within.getSchema(id)).validate(EVENT), true);
  },

  async 'what is not there is said'(host) {
    await assert.rejects(client(host).getSchema(77), (error) => error.status === 404);
    await assert.rejects(client(host).getLatestSchemaId('nobody'), (error) => error.status === 404);
    await assert.rejects(client(host).getRegistryIdBySchema('nobody', json(V1)), /not found/);
  },

  async 'a format that is not served is refused by its name'(host) {
    const avro = { type: 'record', name: 'A', namespace: 'n', fields: [{ name: 'a', type: 'string' }] };

    const refused = client(host).register({ type: SchemaType.AVRO, schema: JSON.stringify(avro) });

    await assert.rejects(refused, (error) => error.status === 422 && /AVRO.*JSON/.test(error.message));
  },
};

async function main() {
  let passed = 0;
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      const { host, stop } = await start();
      try {
        await test(host);
      } finally {
        await stop();
      }
      passed += 1;
      console.log(`${name} ... ok`);
    } catch (error) {
      failed += 1;
      console.log(`${name} ... FAILED\n${error.stack}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
}

main();
