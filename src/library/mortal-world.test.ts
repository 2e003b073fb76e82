import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assert } from '../base/assert.ts';
import { silent } from '../base/log.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { MortalWorld } from './mortal-world.ts';

const HOST = '127.0.0.1';

function wrong(): never {
  assert(false, 'our own code is wrong');
  throw new Error('not reached');
}

/** A peer connects to the world, says something and hangs up. */
async function knock(world: World, handler: { received(): void; onClose(): void }): Promise<void> {
  const listener = await world.network.listen({ host: HOST, port: 0 }, (connection) => {
    const bytes = Buffer.alloc(16);
    connection.start({ buffer: () => bytes, ...handler });
  });
  await knockAt(listener.port);
}

async function knockAt(port: number): Promise<void> {
  const peer = await nodeWorld(silent).network.connect({ host: HOST, port, timeoutMs: 60_000 });
  peer.start({ buffer: () => Buffer.alloc(16), received() {}, onClose() {} });
  peer.write([Buffer.from('x')]);
  peer.end();
}

/** Where a node's code may run, with nothing of it on the stack that could catch what it throws. */
const ORIGINS: { [origin: string]: (world: World, path: string) => unknown } = {
  'a timer': ({ clock }) => clock.after(1, wrong),
  'the next turn of the loop': ({ clock }) => clock.soon(wrong),
  'an accepted connection': ({ network }) =>
    network.listen({ host: HOST, port: 0 }, wrong).then(({ port }) => knockAt(port)),
  'received bytes': (world) => knock(world, { received: wrong, onClose() {} }),
  'a closed connection': (world) => knock(world, { received() {}, onClose: wrong }),
  'the completion of a sync': (world, path) => {
    const file = world.disk.open(path, 'create');
    supervise(world, file.sync().then(wrong));
  },
  'a loop that nobody waits for': (world) =>
    supervise(
      world,
      (async () => {
        await Promise.resolve();
        wrong();
      })(),
    ),
  'a catch that goes on after expected errors': (world) => {
    try {
      wrong();
    } catch (error) {
      expect(crashOnProgrammerError(world, error)).toBe(true);
    }
  },
};

test.each(Object.entries(ORIGINS))(
  'what the code of a node throws in %s ends the node, not the process',
  async (_, begin) => {
    const folder = mkdtempSync(join(tmpdir(), 'mortal-world-'));
    let told: (error: Error) => void = () => {};
    const crashed = new Promise<Error>((resolve) => {
      told = resolve;
    });
    const mortal = new MortalWorld(nodeWorld(silent), (error) => told(error));
    try {
      // An uncaught exception would fail the test run.
      await begin(mortal.world, join(folder, 'file'));
      expect((await crashed).message).toContain('our own code is wrong');
    } finally {
      await mortal.end();
      rmSync(folder, { recursive: true });
    }
  },
);

test('a node that is dead cannot crash any more, and one that crashed tells it once', async () => {
  const errors: string[] = [];
  const mortal = new MortalWorld(nodeWorld(silent), ({ message }) => errors.push(message));
  mortal.world.crash(new Error('first'));
  mortal.world.crash(new Error('second'));
  await mortal.end();
  mortal.world.crash(new Error('third'));
  expect(errors).toEqual(['first']);
});

test('its end waits for syncs that are under way: who uses the files next must know how they ended', async () => {
  const world = nodeWorld(silent);
  let end = () => {};
  world.disk.syncDirectory = () =>
    new Promise<void>((done) => {
      end = done;
    });
  const mortal = new MortalWorld(world, () => {});
  void mortal.world.disk.syncDirectory(tmpdir());
  let isOver = false;
  const ending = mortal.end().then(() => {
    isOver = true;
  });
  await new Promise<void>((done) => {
    world.clock.soon(done);
  });
  expect(isOver).toBe(false);
  end();
  await ending;
});
