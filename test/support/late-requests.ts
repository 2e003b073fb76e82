/**
 * Loaded before each test file. With `REQUESTS_LATE_MS=400` every request of the tests, by `fetch` or by a client
 * of AWS, begins and ends so many milliseconds later. A test that asks while a state lasts which passes by itself
 * fails then each time, and without this once in hundreds of runs.
 */
const LATE_MS = Number(process.env.REQUESTS_LATE_MS ?? 0);
/** Its own timer, since tests replace that of the process. */
const { setTimeout } = globalThis;

if (LATE_MS > 0) {
  const { fetch } = globalThis;
  globalThis.fetch = (...request) => late(() => fetch(...request));
  const { KafkaClient } = await import('@aws-sdk/client-kafka');
  // All clients of AWS inherit from it.
  const clients: { send(...request: unknown[]): Promise<unknown> } = Object.getPrototypeOf(
    KafkaClient.prototype,
  );
  const { send } = clients;
  clients.send = function (...request) {
    return late(() => send.apply(this, request));
  };
}

async function late<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  await passed();
  try {
    return await ask();
  } finally {
    await passed();
  }
}

function passed(): Promise<void> {
  return new Promise((done) => setTimeout(done, LATE_MS));
}
