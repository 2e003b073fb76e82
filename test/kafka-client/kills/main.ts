import { startCluster } from '../../../src/index.ts';
import { startApacheCluster } from '../../rebalance/apache-cluster.ts';
import { numberOption, runOptions, seedOption } from '../../support/run-options.ts';
import { brokerBlows } from './broker-blows.ts';
import { runCopy } from './copy-run.ts';

const { minutes, seed } = runOptions(
  'client-kills',
  'Our Kafka client copies a topic exactly once, on our brokers and on those of Apache Kafka, while they are killed. Status 1 when a record is missing, there twice or out of order.',
  {
    minutes: numberOption('How long records come, on each of the two.', 1),
    seed: seedOption(),
  },
);
const say = (line: string) => process.stdout.write(`${line}\n`);
const run = { seconds: minutes * 60, partitions: 6, seed };
say(`client-kills: seed ${seed}`);

async function ours() {
  const cluster = await startCluster({ brokers: 3 });
  const bootstrap = cluster.brokers.map((address) => {
    const [host = '', port = ''] = address.split(':');
    return { host, port: Number(port) };
  });
  try {
    return await runCopy({ ...run, bootstrap, blow: brokerBlows(cluster) });
  } finally {
    await cluster.stop();
  }
}

async function apache() {
  const cluster = await startApacheCluster();
  try {
    return await runCopy({ ...run, bootstrap: cluster.brokers, blow: brokerBlows(cluster) });
  } finally {
    await cluster.stop();
  }
}

for (const [name, copy] of Object.entries({ 'our brokers': ours, 'Apache Kafka': apache })) {
  const { written, copied, blows, aborted, refused, problems } = await copy();
  say(
    `${name}: ${written} records, ${copied} copied, ${blows} kills, ${aborted} transactions aborted, ${refused} of members that were out: ${problems.length} problems`,
  );
  for (const problem of problems) say(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
