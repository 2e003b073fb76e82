import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogLevel } from './base/log.ts';

/**
 * From the command line to a running process. Every kind of process loads only its own layers, which is most
 * of its start-up time and memory; so what is needed is imported where it is needed.
 */

const MAIN = fileURLToPath(import.meta.url);
const { version }: { version: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
);

/** `controller|broker --config FILE`: how the embedded engine starts its processes; not for people. */
async function runNodeProcess(configFile: string): Promise<void> {
  const [{ runNode }, { nodeWorld }, { nodeLog }] = await Promise.all([
    import('./engines/embedded/node-process.ts'),
    import('./platform/node-world.ts'),
    import('./platform/node-log.ts'),
  ]);
  // Standard output is the process's log file.
  let level: LogLevel = 'info';
  const log = nodeLog({ level: () => level, file: '/dev/stdout' });
  // Whoever supervises it starts it again, and recovery finds out what the disk still has.
  const onFatal = (error: Error) => {
    log.error('this process ends, because it cannot be relied on any more', { error });
    process.exit(1);
  };
  const onLogLevel = (wanted: LogLevel) => {
    if (wanted === level) return;
    log.info(`From here on lines of level ${wanted} and above are written`);
    level = wanted;
  };
  await runNode(configFile, { log, onLogLevel }, async (config, onEpoch) => {
    const world = nodeWorld(log, config.kind === 'broker' ? config.localHost : undefined);
    if (config.kind === 'controller') {
      const { Controller } = await import('./controller/controller.ts');
      return Controller.start(world, config.options, onFatal);
    }
    const [{ Broker }, { logFilesWithin, openFilesLimit }, { Exporters }, { nodeMetrics }] =
      await Promise.all([
        import('./broker/broker.ts'),
        import('./platform/open-files-limit.ts'),
        import('./engines/embedded/exporters.ts'),
        import('./engines/embedded/node-exporter.ts'),
      ]);
    const openFiles = logFilesWithin(openFilesLimit());
    const broker = await Broker.start(world, { ...config.options, openFiles }, onFatal, onEpoch);
    const exporters = new Exporters(log, config.options.dataDirectory, {
      broker: (level) => broker.metrics(level),
      node: () => nodeMetrics(config.options.dataDirectory),
    });
    exporters.start();
    return {
      stop: () => {
        exporters.stop();
        return broker.stop();
      },
    };
  });
}

/** `connect-worker --config FILE`: how the worker of a built-in connector is started; not for people. */
async function runWorkerProcess(propertiesFile: string): Promise<void> {
  const [{ runWorker }, { nodeWorld }, { nodeLog }] = await Promise.all([
    import('./connectors/worker/run-worker.ts'),
    import('./platform/node-world.ts'),
    import('./platform/node-log.ts'),
  ]);
  // Standard output is its log file.
  await runWorker(propertiesFile, nodeWorld(nodeLog({ level: 'info', file: process.stdout.fd })));
}

// Nothing that any of these processes makes is for other users of this machine.
process.umask(0o077);
// Where nobody handles this signal Node opens its inspector, on a port of 127.0.0.1 through which every user
// of this machine could run programs in this process. Scripts send it to have logs opened again.
process.on('SIGUSR1', () => undefined);
const [command, flag, file] = process.argv.slice(2);
if ((command === 'controller' || command === 'broker') && flag === '--config' && file !== undefined)
  await runNodeProcess(file);
else if (command === 'connect-worker' && flag === '--config' && file !== undefined)
  await runWorkerProcess(file);
else {
  const [{ program }, { run }, { Terminal }] = await Promise.all([
    import('./commands.ts'),
    import('./cli/run.ts'),
    import('./cli/output.ts'),
  ]);
  process.exitCode = await run(program({ main: MAIN, version }), process.argv.slice(2), new Terminal());
}
