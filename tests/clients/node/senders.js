// The CloudEvents SDK for Node as sender and as receiver on both sides of a translator.
//
//     node tests/clients/node/senders.js target/debug
//
// Ends with one line, `N passed, N failed`, and with 1 where something failed or nothing ran.
"use strict";

const assert = require("node:assert");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");
const { CloudEvent, HTTP } = require("cloudevents");

const FOLDER = process.argv[2] || "target/debug";
const V1 = { type: "object", required: ["orderId"], properties: { orderId: { type: "string" } } };
const V2 = { type: "object", required: ["id"], properties: { id: { type: "string" } } };
const LENS = {
  lens: 1, subject: "OrderPlaced", from: 1, to: 2,
  ops: [{ rename: { from: "/orderId", to: "/id" } }],
};

/** A binary of the workspace, at the address it prints. */
async function start(name, ...args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("STELE_")));
  const child = spawn(path.join(FOLDER, name), args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const line = said.split("\n")[0];
      if (said.includes("\n")) resolve(line.trim().split(" ").pop());
    });
    child.on("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.on("exit", (code) => resolve(code));
      child.kill("SIGTERM");
    });
  return { url, stop };
}

/** One request; the status, the headers and the body. */
function ask(method, url, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => {
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Takes events as the SDK reads them. */
async function receiver() {
  const events = [];
  const server = http.createServer((request, answer) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      events.push(HTTP.toEvent({ headers: request.headers, body: Buffer.concat(chunks).toString() }));
      answer.writeHead(204).end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const next = async () => {
    for (let tries = 0; tries < 1000; tries += 1) {
      if (events.length > 0) return events.shift();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("nothing arrives");
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, next, close: () => server.close() };
}

function order(more = {}) {
  return new CloudEvent({
    id: "7",
    source: "/shop",
    type: "OrderPlaced.v2",
    time: "2026-11-24T13:45:00.123Z",
    subject: "order 7 €",
    partitionkey: "order-7",
    datacontenttype: "application/json",
    data: { id: "o-1" },
    ...more,
  });
}

/** What arrived is the same event in version 1. */
function sameOrder(got) {
  assert.deepStrictEqual(got.data, { orderId: "o-1" });
  assert.strictEqual(got.type, "OrderPlaced.v1");
  for (const name of ["id", "source", "subject", "time", "specversion", "partitionkey"]) {
    assert.strictEqual(got[name], order()[name], name);
  }
  assert.strictEqual(String(got.schemafrom), "2");
}

const tests = {
  async "a binary event arrives"({ send, consumer }) {
    // A header cannot hold what is no ASCII, and this SDK does not percent-encode it: so the sender does.
    const message = HTTP.binary(order({ subject: "order%207%20%E2%82%AC" }));
    assert.strictEqual((await send("/", message)).status, 204);
    const got = await consumer.next();
    sameOrder({ ...got, subject: decodeURIComponent(got.subject), data: got.data });
  },

  async "a structured event arrives"({ send, consumer }) {
    assert.strictEqual((await send("/", HTTP.structured(order()))).status, 204);
    sameOrder(await consumer.next());
  },

  async "a stored event arrives in structured mode, however it was sent"({ send, consumer }) {
    for (const message of [HTTP.binary(order({ subject: "order%207%20%E2%82%AC" })), HTTP.structured(order())]) {
      assert.strictEqual((await send("/queue/structured", message)).status, 202);
      sameOrder(await consumer.next());
    }
  },

  async "a structured event arrives in binary mode where the consumer wants that"({ send, consumer }) {
    assert.strictEqual((await send("/queue/binary", HTTP.structured(order({ subject: "order-7" })))).status, 202);
    const got = await consumer.next();
    assert.deepStrictEqual([got.data, got.subject, got.type], [{ orderId: "o-1" }, "order-7", "OrderPlaced.v1"]);
  },

  async "a batch of the SDK is translated"({ send }) {
    const body = JSON.stringify([order().toJSON(), order({ id: "8" }).toJSON()]);
    const answer = await send("/translate", { body, headers: { "content-type": "application/cloudevents-batch+json" } });
    assert.strictEqual(answer.status, 200);
    const events = HTTP.toEvent(answer);
    assert.deepStrictEqual(events.map((event) => [event.id, event.data]), [["7", { orderId: "o-1" }], ["8", { orderId: "o-1" }]]);
  },
};

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "stele-"));
  const registry = await start("stele-registry", "--listen", "127.0.0.1:0", "--data", path.join(folder, "registry"));
  const json = { "content-type": "application/json" };
  const tell = async (method, where, document) => {
    const answer = await ask(method, registry.url + where, JSON.stringify(document), json);
    assert.ok(answer.status < 300, answer.body);
  };
  await tell("PUT", "/config/OrderPlaced", { compatibility: "TRANSLATABLE" });
  await tell("POST", "/v1/subjects/OrderPlaced/versions", { schema: V1 });
  await tell("POST", "/v1/subjects/OrderPlaced/versions", { schema: V2, lens: LENS });
  const consumer = await receiver();
  const config = path.join(folder, "translator.yaml");
  fs.writeFileSync(config, `consumer: ${consumer.url}
queue: ${path.join(folder, "queue")}
subjects: [{ subject: OrderPlaced, to: 1 }]
subscriptions:
  - { name: binary, deliver: binary }
  - { name: structured, deliver: structured }
`);
  const translator = await start(
    "stele-translator", "serve", "--listen", "127.0.0.1:0", "--registry", registry.url, "--config", config,
  );
  const send = (where, message) => ask("POST", translator.url + where, message.body, message.headers);

  let [passed, failed] = [0, 0];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test({ send, consumer });
      passed += 1;
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error.stack}`);
    }
  }
  consumer.close();
  for (const one of [translator, registry]) {
    const code = await one.stop();
    if (code !== 0) {
      failed += 1;
      console.log(`FAILED  a process ended with ${code}`);
    }
  }
  fs.rmSync(folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
}

main();
