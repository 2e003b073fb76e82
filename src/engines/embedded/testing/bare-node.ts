import { silent } from '../../../base/log.ts';
import { runNode } from '../node-process.ts';

/** `node bare-node.ts CONFIG`: a process as the engine starts them, with nothing in it; a broker of the epoch 7 for who supervises it. */
const [config = ''] = process.argv.slice(2);
await runNode(config, silent, async () => {
  // A server of its own would keep it alive; here nothing else does.
  const alive = setInterval(() => {}, 60_000);
  return { epoch: 7, stop: async () => clearInterval(alive) };
});
