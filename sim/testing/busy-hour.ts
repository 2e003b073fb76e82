import { sleep } from '../../src/base/clock.ts';
import { below } from '../../src/base/random.ts';
import { Simulation } from '../simulation.ts';

/** Uses everything that the simulator offers, with every fault; only the seed may decide its trace. */
export async function busyHour(seed: number): Promise<string> {
  const simulation = new Simulation(seed);
  simulation.network.faults.reset = 0.01;
  await simulation.run(async () => {
    const actors = ['a', 'b', 'c'].map((name) => live(simulation, name));
    await Promise.all(actors);
  });
  return simulation.trace.hash();
}

async function live(simulation: Simulation, name: string): Promise<void> {
  const host = simulation.host(name);
  Object.assign(host.faults, { shortWrite: 0.05, writeEio: 0.02, syncEio: 0.02 });
  for (let life = 0; life < 5; life++) {
    const world = host.start();
    await world.network.listen({ host: name, port: 9 }, (connection) => {
      const into = Buffer.alloc(100);
      connection.start({
        buffer: () => into,
        received: (bytes) => {
          connection.write([Buffer.from(into.subarray(0, bytes))]);
        },
        onClose: (error) => simulation.note(`${name} closed ${error?.code}`),
      });
    });
    world.disk.makeDirectory('/data');
    for (let step = 0; step < 20; step++) {
      void write(simulation, name, step);
      void talk(simulation, name, step);
      await sleep(simulation.clock, below(simulation.random, 10));
    }
    host.crash();
    await sleep(simulation.clock, 3);
  }
}

async function write(simulation: Simulation, name: string, step: number): Promise<void> {
  const { disk } = simulation.host(name).world;
  try {
    const file = disk.open(`/data/${step % 3}`, 'create');
    simulation.note(`${name} wrote ${file.appendNow([Buffer.alloc(3000, step)])}, has ${file.size()}`);
    await file.sync();
    await disk.syncDirectory('/data');
    file.close();
  } catch (error) {
    simulation.note(`${name} failed ${String(error)}`);
  }
}

async function talk(simulation: Simulation, name: string, step: number): Promise<void> {
  const { network } = simulation.host(name).world;
  const to = 'abc'[step % 3] ?? 'a';
  try {
    const connection = await network.connect({ host: to, port: 9, timeoutMs: 5 });
    const into = Buffer.alloc(1000);
    connection.start({
      buffer: () => into,
      received: (bytes) => simulation.note(`${name} heard ${bytes} from ${to}`),
      onClose: (error) => simulation.note(`${name} lost ${to} ${error?.code}`),
    });
    connection.write([Buffer.alloc(5000, step)]);
    await sleep(simulation.clock, 4);
    connection.end();
  } catch (error) {
    simulation.note(`${name} failed ${String(error)}`);
  }
}
