import { parseArgs } from 'node:util';
import { runObjects } from './run.ts';

/** `npm run objects -- [--seconds 60] [--per-second 1000] [--kill-every 5] [--seed N]` */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    'per-second': { type: 'string', default: '1000' },
    'kill-every': { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`objects: seed ${values.seed}`);
const { written, objects, kills, missing, twice } = await runObjects(
  {
    seconds: Number(values.seconds),
    perSecond: Number(values['per-second']),
    killEveryMs: Number(values['kill-every']) * 1000,
    seed: Number(values.seed),
  },
  say,
);
say(
  `${written} records, ${kills} kills, ${objects} objects: ${missing} records are missing, ${twice} are there twice`,
);
process.exitCode = missing === 0 && twice === 0 ? 0 : 1;
