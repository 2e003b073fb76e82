import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import type { Command } from '../command.ts';
import { connectCreate } from '../connect/connect-create.ts';
import { topicsList } from '../kafka/topics-list.ts';
import { run } from '../run.ts';
import { clustersClientConfig } from './clusters-client-config.ts';

/** Commands that connect to a cluster, while it is CREATING. */
test.each<[string, Command, string[]]>([
  ['clusters client-config', clustersClientConfig, ['orders', '--tool', 'kcat']],
  ['topics list', topicsList(() => expect.unreachable('nobody can connect')), ['--cluster', 'orders']],
  ['connect create', connectCreate, ['copy', '--cluster', 'orders', '--config', '/dev/null']],
])('%s says that the cluster is CREATING and when to try again', async (_name, command, words) => {
  const server = createServer((_request, response) => {
    response.end(
      JSON.stringify({
        clusterInfoList: [{ clusterArn: 'arn:orders', clusterName: 'orders', state: 'CREATING' }],
      }),
    );
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const complaints: string[] = [];
  const program = { version: '1', commands: [{ ...command, load: async () => command }] };
  const args = [...command.name.split(' '), ...words, '--api', `http://127.0.0.1:${port}`];
  const status = await run(program, args, {
    line() {},
    complain: (text) => void complaints.push(text),
    onUnheard() {},
  });
  server.close();
  expect(status).not.toBe(0);
  expect(complaints.join('\n')).toContain(
    'The cluster orders is CREATING, and nobody can connect to it now: try again when "millrace clusters describe orders" says ACTIVE.',
  );
});
