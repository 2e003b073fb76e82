import { ACL_COMMANDS } from './cli/acl/commands.ts';
import { CA_COMMANDS } from './cli/ca/commands.ts';
import { CLUSTERS_COMMANDS } from './cli/clusters/commands.ts';
import type { Command } from './cli/command.ts';
import { CONFIGURATIONS_COMMANDS } from './cli/configurations/commands.ts';
import { CONNECT_COMMANDS } from './cli/connect/commands.ts';
import { IAM_COMMANDS } from './cli/iam/commands.ts';
import { kafkaCommands } from './cli/kafka/commands.ts';
import type { ConnectKafka } from './cli/kafka/kafka-target.ts';
import type { Program } from './cli/program.ts';

/**
 * The table of commands, in the order of the list that people are shown. Each room of `cli/` has its own
 * part of it; here is what needs other layers. `main`: the path of the file that starts this program's
 * processes.
 */
export function program({ main, version }: { readonly main: string; readonly version: string }): Program {
  return {
    version,
    askNames: async (kind, given) => {
      const [{ namesOf }, { nodeFiles }] = await Promise.all([
        import('./cli/completion/ask-names.ts'),
        import('./engines/embedded/node-files.ts'),
      ]);
      return namesOf(await connectKafka(), nodeFiles)(kind, given);
    },
    commands: [
      {
        name: 'up',
        summary: 'Start everything: the API, and every cluster in the data folder.',
        load: () => loadUp(main, version),
      },
      {
        name: 'status',
        summary: 'Show whether Millrace runs and what is wrong.',
        load: async () => (await import('./cli/server/status.ts')).status,
      },
      {
        name: 'stop',
        summary: 'Stop a running Millrace with all its clusters.',
        load: loadStop,
      },
      {
        name: 'logs',
        summary: 'Print the end of the logs.',
        load: loadLogs,
      },
      {
        name: 'events',
        summary: 'Show what happened to the clusters.',
        load: async () => (await import('./cli/events/events.ts')).events,
      },
      {
        name: 'completion',
        summary: 'Print a completion script for a shell.',
        load: async () => (await import('./cli/completion/completion.ts')).completion,
      },
      {
        name: 'doctor',
        summary: 'Check this machine and say what is wrong.',
        load: () => loadDoctor(version),
      },
      ...CLUSTERS_COMMANDS,
      ...ACL_COMMANDS,
      ...IAM_COMMANDS,
      ...CONNECT_COMMANDS,
      ...CONFIGURATIONS_COMMANDS,
      ...kafkaCommands(connectKafka),
      ...CA_COMMANDS,
      {
        name: 'fault',
        summary: 'Cause an outage on purpose.',
        load: async () => (await import('./cli/clusters/fault.ts')).fault,
      },
    ],
  };
}

async function loadUp(main: string, version: string): Promise<Command> {
  const [{ upCommand }, { openFilesLimit }] = await Promise.all([
    import('./cli/up/up.ts'),
    import('./platform/open-files-limit.ts'),
  ]);
  return upCommand(version, openFilesLimit(), async (options) =>
    (await import('./start-server.ts')).startServer(main, options),
  );
}

async function loadStop(): Promise<Command> {
  const [{ stopCommand }, { nodeProcesses }, { stopNodesBelow }, { NodeClock }, { clustersFolder }] =
    await Promise.all([
      import('./cli/server/stop.ts'),
      import('./engines/embedded/stray-nodes.ts'),
      import('./engines/embedded/orphaned-nodes.ts'),
      import('./platform/node-clock.ts'),
      import('./engines/embedded/layout.ts'),
    ]);
  return stopCommand((folder) => {
    const clusters = clustersFolder(folder);
    return {
      count: nodeProcesses(clusters).length,
      end: () => stopNodesBelow(new NodeClock(), clusters),
    };
  });
}

async function loadLogs(): Promise<Command> {
  const [{ logs }, { nodeFiles }] = await Promise.all([
    import('./cli/logs/logs.ts'),
    import('./engines/embedded/node-files.ts'),
  ]);
  return logs(nodeFiles);
}

async function loadDoctor(version: string): Promise<Command> {
  const [{ doctor }, { nodeFiles }, { openFilesLimit }, { findInstallation }, { keptLibs }] =
    await Promise.all([
      import('./cli/doctor/doctor.ts'),
      import('./engines/embedded/node-files.ts'),
      import('./platform/open-files-limit.ts'),
      import('./connect/worker/installation.ts'),
      import('./connect/release/kept-folder.ts'),
    ]);
  return doctor({
    version,
    openFiles: openFilesLimit(),
    nodeFiles,
    findConnect: (home, data) => findInstallation(home ?? keptLibs(data), process.env),
  });
}

/** What commands on a cluster's data reach it with: as any other client of it. */
async function connectKafka(): Promise<ConnectKafka> {
  const [{ KafkaClient }, { nodeWorld }, { silent }] = await Promise.all([
    import('./kafka-client/kafka-client.ts'),
    import('./platform/node-world.ts'),
    import('./base/log.ts'),
  ]);
  return (options) => new KafkaClient(nodeWorld(silent), options);
}
