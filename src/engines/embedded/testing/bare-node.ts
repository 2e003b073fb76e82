import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { silent } from '../../../base/log.ts';
import { runNode } from '../node-process.ts';

/**
 * `node bare-node.ts … CONFIG`: a process as the engine starts them, with nothing in it; a broker of the
 * epoch 7 for who supervises it. With a file `never-ready` in its folder it registers and does not come to
 * serve. It writes a file `serves` when it serves, and `stops` when it begins to stop, which takes until
 * there is no file `busy`. SIGUSR2 has it write a file `hangs` and do nothing at all any more.
 */
const config = process.argv.at(-1) ?? '';
const folder = dirname(config);
process.on('SIGUSR2', () => {
  writeFileSync(join(folder, 'hangs'), '');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
await runNode(config, { log: silent, onLogLevel: () => {} }, async (_config, onEpoch) => {
  onEpoch(7);
  // A server of its own would keep it alive; here nothing else does.
  const alive = setInterval(() => {}, 60_000);
  if (existsSync(join(folder, 'never-ready'))) await new Promise(() => {});
  return {
    stop: async () => {
      clearInterval(alive);
      writeFileSync(join(folder, 'stops'), '');
      while (existsSync(join(folder, 'busy'))) await new Promise<void>((done) => setTimeout(done, 5));
    },
  };
});
writeFileSync(join(folder, 'serves'), '');
