import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { Peers } from '../../src/client/peers/peers.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { unregisterBroker } from '../../src/protocol/messages/64-unregister-broker.ts';
import { freePort, freePorts } from '../support/free-port.ts';
import { Millrace } from '../support/millrace.ts';

/** nobody, on every system that has setpriv. */
const NOBODY = 65_534;
const canBeNobody = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;

/** What `sh -c` says as a user that owns nothing here. */
function asNobody(script: string): { status: number | null; output: string } {
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  const { status, stdout, stderr } = spawnSync('setpriv', [...user, 'sh', '-c', script], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

test('no file, no socket and no listener of nodes of a running installation is open to other users, also in a folder of an older release', async () => {
  const data = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  writeFileSync(join(data, 'millrace.log'), '');
  chmodSync(join(data, 'millrace.log'), 0o644);
  chmodSync(data, 0o755);
  await using millrace = await Millrace.up(['--brokers', '1', '--kafka-port', String(await freePorts())], {
    data,
    port: await freePort(),
  });
  const entries = ['', ...readdirSync(millrace.data, { recursive: true, encoding: 'utf8' })];
  const open = entries.filter((name) => {
    const entry = lstatSync(join(data, name), { throwIfNoEntry: false });
    return entry !== undefined && (entry.mode & 0o777) !== (entry.isDirectory() ? 0o700 : 0o600);
  });
  expect(open).toEqual([]);
  const socket = entries.find((name) => name.endsWith('process.sock'));
  expect(socket).toBeDefined();

  // Ports are open to everybody on this machine; who does not know the secret of the nodes is answered nothing by theirs.
  const { host, port } = optionsOf(
    join(data, entries.find((name) => name.endsWith('controller/process.json')) ?? ''),
  );
  const connection = await new Peers(nodeWorld(silent), null).connect({
    host,
    port,
    node: 10_000,
    clientId: 'stranger',
    timeoutMs: 5000,
  });
  await expect(connection.send(unregisterBroker, { brokerId: 1 })).rejects.toMatchObject({ code: 'CLOSED' });

  if (!canBeNobody) return;
  // Whoever can read what is open to everybody can run this, so a refusal below comes from the folder's mode.
  expect(asNobody('ls /')).toMatchObject({ status: 0 });
  expect(asNobody(`ls ${data}`).output).toMatch(/Permission denied/);
  expect(asNobody(`cat ${data}/control.db ${data}/millrace.log`).output).toMatch(/Permission denied/);
  expect(asNobody(`test -S ${join(data, socket ?? '')}`)).toMatchObject({ status: 1 });
});

/** Where a controller listens, by the file that its process was started with. */
function optionsOf(file: string): { readonly host: string; readonly port: number } {
  const { options }: { options: { host: string; port: number } } = JSON.parse(readFileSync(file, 'utf8'));
  return options;
}
