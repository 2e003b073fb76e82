import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { silent } from '../base/log.ts';
import { SealedStore } from '../control/sealed/sealed-store.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { ConnectService, type ConnectSurroundings } from './connect-service.ts';
import { ClassArchives } from './worker/class-archives.ts';
import { WorkerPlans } from './worker/worker-plans.ts';

function serviceIn(folder: string): ConnectService {
  return new ConnectService({
    world: nodeWorld(silent),
    options: { dataDirectory: folder, region: 'us-east-1', account: '000000000000' },
    control: { sealed: SealedStore.open(folder), store: { clusters: { all: () => [] } } },
    builtInWorker: [process.execPath],
  } as unknown as ConnectSurroundings);
}

test('what was found out for the workers of a connector is forgotten when the connector is removed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-service-'));
  const forgets = vi.spyOn(WorkerPlans.prototype, 'forget');
  const service = serviceIn(folder);
  await service.start();
  service.store.execute(() => ({
    records: [{ type: 'RemoveConnectorRecord', arn: 'orders' }],
    answer: null,
  }));
  expect(forgets).toHaveBeenCalledExactlyOnceWith('orders');
  await service.stop();
  forgets.mockRestore();
  rmSync(folder, { recursive: true });
});

test('a control plane that stops ends the Java that makes an archive of classes, and does not wait for its work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-service-'));
  const stops = vi.spyOn(ClassArchives.prototype, 'stop');
  let isOver = false;
  let ends = (): void => {};
  stops.mockReturnValue(
    new Promise((done) => {
      ends = done;
    }),
  );
  const service = serviceIn(folder);
  await service.start();
  const stopped = service.stop().then(() => {
    isOver = true;
  });
  await vi.waitFor(() => expect(stops).toHaveBeenCalledOnce(), 60_000);
  expect(isOver).toBe(false);
  ends();
  await stopped;
  stops.mockRestore();
  rmSync(folder, { recursive: true });
});
