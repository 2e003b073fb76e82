import { describe, expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import type { Connection } from '../base/network.ts';
import { metadata } from '../protocol/messages/03-metadata.ts';
import { apiVersions } from '../protocol/messages/18-api-versions.ts';
import { describeQuorum } from '../protocol/messages/55-describe-quorum.ts';
import { KafkaConnection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';

/** What a request looks like on the wire, by hand: key, version, correlation id. */
interface Asked {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
  readonly frame: Buffer;
  answer(body: Buffer): void;
}

type Script = (asked: Asked, connection: Connection) => void;

/**
 * ApiVersions v4: no error, Metadata 0-12, no throttle, no tags; after the correlation id, without header
 * tags (KIP-511).
 */
const METADATA_TO_12 = Buffer.from(
  '0000' + '02' + '0003' + '0000' + '000c' + '00' + '00000000' + '00',
  'hex',
);
/**
 * Metadata v12 without brokers or topics: header tags, throttle, brokers, cluster id, controller, topics,
 * tags.
 */
const NO_BROKERS = Buffer.from('00' + '00000000' + '01' + '0378' + '79' + '00000007' + '01' + '00', 'hex');

const answersVersions: Script = (asked) => {
  if (asked.key === apiVersions.key) asked.answer(METADATA_TO_12);
};

async function withServer(
  scenario: (
    connect: (options?: object) => Promise<KafkaConnection>,
    simulation: Simulation,
  ) => Promise<void>,
  script: Script,
  seeds = 10,
): Promise<void> {
  for (let seed = 0; seed < seeds; seed++) {
    const simulation = new Simulation(seed);
    await simulation.run(async () => {
      await serve(simulation, script);
      const connect = (options = {}) =>
        KafkaConnection.connect(simulation.host('client').world, {
          host: 'server',
          port: 9092,
          clientId: 'test',
          timeoutMs: 1000,
          ...options,
        });
      await scenario(connect, simulation);
    });
  }
}

async function serve(simulation: Simulation, script: Script): Promise<void> {
  await simulation.host('server').world.network.listen({ host: 'server', port: 9092 }, (connection) => {
    const into = Buffer.alloc(64);
    let bytes = Buffer.alloc(0);
    connection.start({
      buffer: () => into,
      received: (count) => {
        bytes = Buffer.concat([bytes, into.subarray(0, count)]);
        while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
          const frame = bytes.subarray(4, 4 + bytes.readInt32BE(0));
          bytes = bytes.subarray(4 + frame.length);
          const correlationId = frame.readInt32BE(4);
          script(
            {
              key: frame.readInt16BE(0),
              version: frame.readInt16BE(2),
              correlationId,
              frame,
              answer: (body) => connection.write([response(correlationId, body)]),
            },
            connection,
          );
        }
      },
      onClose() {},
    });
  });
}

function response(correlationId: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(correlationId, 4);
  return Buffer.concat([head, body]);
}

async function refused(promise: Promise<unknown>): Promise<ConnectionError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectionError)) throw new Error(`no ConnectionError but ${String(error)}`);
  return error;
}

describe('connecting', () => {
  test('asks for the versions first and once, then speaks the newest that both know', async () => {
    const asked: string[] = [];
    const script: Script = (request, connection) => {
      asked.push(`${request.key} v${request.version}`);
      answersVersions(request, connection);
      if (request.key === metadata.key) request.answer(NO_BROKERS);
    };
    await withServer(async (connect) => {
      asked.length = 0;
      const connection = await connect();
      const answer = await connection.send(metadata, { topics: null });
      expect(answer).toMatchObject({ controllerId: 7, clusterId: 'xy', brokers: [] });
      await connection.send(metadata, { topics: [] });
      expect(asked).toEqual(['18 v4', '3 v12', '3 v12']);
      expect(connection.versionOf(metadata)).toBe(12);
      expect(connection.versionOf(metadata, 4)).toBe(4);
    }, script);
  });

  test('to an older server that refuses the version of the question asks again in version 0', async () => {
    const script: Script = (request) => {
      // Both in version 0: error, one API, no throttle.
      if (request.version > 0) request.answer(Buffer.from('0023' + '00000001' + '001200000003', 'hex'));
      else request.answer(Buffer.from('0000' + '00000001' + '000300000009', 'hex'));
    };
    await withServer(async (connect) => expect((await connect()).versionOf(metadata)).toBe(9), script);
  });

  test('to nobody, to somebody silent and to somebody who speaks something else fails in its own words', async () => {
    await withServer(
      async (connect) => {
        expect((await refused(connect({ port: 1 }))).code).toBe('CONNECT_FAILED');
        expect(await refused(connect())).toMatchObject({
          code: 'CONNECT_LATE',
          message: expect.stringContaining('did not answer within 1000 ms'),
        });
      },
      () => {},
      3,
    );
    const http: Script = (_, connection) =>
      connection.write([Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]);
    await withServer(async (connect) => expect((await refused(connect())).code).toBe('PROTOCOL'), http);
  });

  test('signs in before anybody may use the connection, and not signing in refuses it', async () => {
    await withServer(async (connect) => {
      const steps: string[] = [];
      const authenticate = async () => {
        steps.push('signed in');
      };
      await connect({ authenticate });
      steps.push('connected');
      expect(steps).toEqual(['signed in', 'connected']);
      const failing = await refused(
        connect({ authenticate: () => Promise.reject(new Error('wrong password')) }),
      );
      expect(failing.cause).toMatchObject({ message: 'wrong password' });
    }, answersVersions);
  });
});

describe('requests', () => {
  test('go out without waiting for answers, no more than allowed at a time, and are answered in order', async () => {
    let unanswered: Asked[] = [];
    let most = 0;
    const script: Script = (request, connection) => {
      answersVersions(request, connection);
      if (request.key !== metadata.key) return;
      unanswered.push(request);
      most = Math.max(most, unanswered.length);
      if (unanswered.length < 5) return;
      for (const one of unanswered) one.answer(NO_BROKERS);
      unanswered = [];
    };
    await withServer(async (connect) => {
      most = 0;
      const connection = await connect({ inFlightMax: 5 });
      const order: number[] = [];
      const sending = Array.from({ length: 20 }, (_, n) =>
        connection.send(metadata, { topics: null }).then(() => order.push(n)),
      );
      await Promise.all(sending);
      expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
      expect(most).toBe(5);
    }, script);
  });

  test('that are not answered in time by a server that says nothing end the connection for all that wait', async () => {
    await withServer(async (connect, simulation) => {
      const connection = await connect();
      const ended: ConnectionError[] = [];
      connection.onClose((error) => ended.push(error));
      const first = refused(connection.send(metadata, { topics: null }, { timeoutMs: 49.983 }));
      const second = refused(connection.send(metadata, { topics: null }, { timeoutMs: 5000 }));
      expect(await first).toMatchObject({
        code: 'TIMED_OUT',
        message: expect.stringMatching(/ did not answer Metadata within 50 ms$/),
      });
      expect((await second).code).toBe('TIMED_OUT');
      expect(simulation.time).toBeLessThan(1000);
      expect((await refused(connection.send(metadata, { topics: null }))).code).toBe('TIMED_OUT');
      expect(ended).toHaveLength(1);
      await new Promise<void>((done) => {
        connection.onClose(() => done());
      });
    }, answersVersions);
  });

  test('that are answered late fail alone: the late answer is dropped, and those behind it get theirs', async () => {
    let held: Asked[] = [];
    const script: Script = (request, connection) => {
      answersVersions(request, connection);
      if (request.key === metadata.key) held.push(request);
    };
    await withServer(async (connect, simulation) => {
      held = [];
      const connection = await connect();
      const early = connection.send(metadata, { topics: null }, { timeoutMs: 5000 });
      const late = refused(connection.send(metadata, { topics: null }, { timeoutMs: 1000 }));
      const patient = connection.send(metadata, { topics: null }, { timeoutMs: 5000 });
      await sleep(simulation.clock, 500);
      held[0]?.answer(NO_BROKERS);
      await early;
      expect((await late).code).toBe('TIMED_OUT');
      expect(connection.closed).toBe(false);
      await sleep(simulation.clock, 200);
      held[1]?.answer(NO_BROKERS);
      held[2]?.answer(NO_BROKERS);
      expect((await patient).controllerId).toBe(7);
      await sleep(simulation.clock, 5000);
      expect(connection.closed).toBe(false);
    }, script);
  });

  test('behind one that is never answered find out that the server is silent', async () => {
    let answered = 0;
    const script: Script = (request, connection) => {
      answersVersions(request, connection);
      if (request.key === metadata.key && answered++ === 0) request.answer(NO_BROKERS);
    };
    await withServer(async (connect, simulation) => {
      answered = 0;
      const connection = await connect();
      const first = connection.send(metadata, { topics: null });
      const second = refused(connection.send(metadata, { topics: null }, { timeoutMs: 1000 }));
      await first;
      expect((await second).code).toBe('TIMED_OUT');
      // Something came since it was sent, so its silence is waited for once more, from then on.
      await simulation.until(() => connection.closed, 1500);
    }, script);
  });

  test('whose time is over are not sent', async () => {
    let asked = 0;
    const script: Script = (request, connection) => {
      answersVersions(request, connection);
      if (request.key === metadata.key) asked++;
    };
    await withServer(async (connect, simulation) => {
      const connection = await connect();
      const error = await refused(connection.send(metadata, { topics: null }, { timeoutMs: 0 }));
      expect(error.code).toBe('TIMED_OUT');
      await sleep(simulation.clock, 500);
      expect(asked).toBe(0);
      expect(connection.closed).toBe(false);
    }, script);
  });

  test('in flight when the server dies fail with CLOSED and the reason', async () => {
    await withServer(async (connect, simulation) => {
      const connection = await connect();
      const sending = refused(connection.send(metadata, { topics: null }, { timeoutMs: 60_000 }));
      await sleep(simulation.clock, 10);
      simulation.host('server').crash();
      const error = await sending;
      expect(error.code).toBe('CLOSED');
      expect(error.cause).toMatchObject({ code: 'ECONNRESET' });
      expect(connection.closed).toBe(true);
    }, answersVersions);
  });

  test('that the other side does not serve are not sent', async () => {
    await withServer(async (connect) => {
      const connection = await connect();
      expect((await refused(connection.send(describeQuorum, { topics: [] }))).code).toBe(
        'UNSUPPORTED_VERSION',
      );
      const fixed = connection.send(metadata, { topics: null }, { version: 13 });
      expect((await refused(fixed)).code).toBe('UNSUPPORTED_VERSION');
      expect(connection.closed).toBe(false);
    }, answersVersions);
  });
});

describe('an answer', () => {
  const wrong: Record<string, (request: Asked, connection: Connection) => void> = {
    'to another request': (request, connection) =>
      connection.write([response(request.correlationId + 1, NO_BROKERS)]),
    'that is cut short': (request) => request.answer(NO_BROKERS.subarray(0, 7)),
    'longer than allowed': (_, connection) => connection.write([Buffer.from('7fffffff00000000', 'hex')]),
    'of negative length': (_, connection) => connection.write([Buffer.from('ffffffff00000000', 'hex')]),
    'to no request': (request, connection) => {
      request.answer(NO_BROKERS);
      connection.write([response(99, NO_BROKERS)]);
    },
  };
  for (const [how, answer] of Object.entries(wrong)) {
    test(`${how} ends the connection with PROTOCOL`, async () => {
      const script: Script = (request, connection) => {
        answersVersions(request, connection);
        if (request.key === metadata.key) answer(request, connection);
      };
      await withServer(async (connect, simulation) => {
        const connection = await connect();
        const ended: ConnectionError[] = [];
        connection.onClose((error) => ended.push(error));
        const sending = connection.send(metadata, { topics: null });
        if (how !== 'to no request') expect((await refused(sending)).code).toBe('PROTOCOL');
        await simulation.until(() => ended.length > 0, 1000);
        expect(ended[0]?.code).toBe('PROTOCOL');
      }, script);
    });
  }

  test('of many megabytes arrives whole among small ones', async () => {
    // Three megabytes in a tag that nobody knows.
    const padding = Buffer.alloc(3_000_000, 0x5a);
    const length = Buffer.from([0xc0, 0x8d, 0xb7, 0x01]);
    const large = Buffer.concat([NO_BROKERS.subarray(0, -1), Buffer.from([1, 99]), length, padding]);
    let asked = 0;
    const script: Script = (request, connection) => {
      answersVersions(request, connection);
      if (request.key === metadata.key) request.answer(asked++ % 2 === 0 ? large : NO_BROKERS);
    };
    await withServer(
      async (connect) => {
        const connection = await connect();
        const answers = await Promise.all(
          [1, 2, 3, 4].map(() => connection.send(metadata, { topics: null })),
        );
        expect(answers.map(({ controllerId }) => controllerId)).toEqual([7, 7, 7, 7]);
      },
      script,
      2,
    );
  });
});
