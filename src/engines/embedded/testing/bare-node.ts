import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { silent } from '../../../base/log.ts';
import { runNode } from '../node-process.ts';

/**
 * `node bare-node.ts CONFIG`: a process as the engine starts them, with nothing in it; a broker of the epoch
 * 7 for who supervises it. With a file `never-ready` in its folder it registers and does not come to serve.
 */
const [config = ''] = process.argv.slice(2);
await runNode(config, { log: silent, onLogLevel: () => {} }, async (_config, onEpoch) => {
  onEpoch(7);
  // A server of its own would keep it alive; here nothing else does.
  const alive = setInterval(() => {}, 60_000);
  if (existsSync(join(dirname(config), 'never-ready'))) await new Promise(() => {});
  return { stop: async () => clearInterval(alive) };
});
