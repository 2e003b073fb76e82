import { join } from 'node:path';
import type { ConnectKafka } from './cli/kafka/kafka-target.ts';
import type { Program } from './cli/program.ts';

/** Node's options for the controller's and the brokers' processes. */
const NODE_OPTIONS = [
  '--disable-warning=ExperimentalWarning',
  // V8 lets young objects grow to 32 MB before it looks at them again; none of ours gets old, so a tenth of
  // that costs no time, and saves 5 MB of an idle broker's memory and 100 MB of a busy one's.
  '--max-semi-space-size=2',
];

/** Node and its options for a worker of built-in connectors. */
const WORKER = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  // Without it the young objects of a busy worker take 128 MB; what waits for the answer of a sink is older
  // than those of 2 MB get.
  '--max-semi-space-size=4',
] as const;

/** The table of commands. `main`: the path of the file that starts this program's processes. */
export function program({ main, version }: { readonly main: string; readonly version: string }): Program {
  return {
    version,
    askNames: async (kind, given) => {
      const { namesOf } = await import('./cli/completion/ask-names.ts');
      return namesOf(await connectKafka())(kind, given);
    },
    commands: [
      {
        name: 'up',
        summary: 'Start everything: the API, and every cluster in the data folder.',
        load: async () => {
          const [{ upCommand }, { openFilesLimit }] = await Promise.all([
            import('./cli/up/up.ts'),
            import('./platform/open-files-limit.ts'),
          ]);
          return upCommand(version, openFilesLimit(), async (options) => {
            const [
              { RefusedStart },
              { ConnectService },
              { connectByKafka },
              { ControlPlane },
              { SERVER_LOG },
              { brokerLogs },
              { EmbeddedEngine },
              { orphanedClusters },
              { LogDelivery },
              { nodeLog },
              { nodeWorld },
              { closeToOthers },
              { limitLog },
            ] = await Promise.all([
              import('./base/refused.ts'),
              import('./connect/connect-service.ts'),
              import('./control/access/cluster-access.ts'),
              import('./control/control-plane.ts'),
              import('./control/server-log.ts'),
              import('./engines/embedded/broker-logs.ts'),
              import('./engines/embedded/embedded-engine.ts'),
              import('./engines/embedded/orphaned-clusters.ts'),
              import('./log-delivery/log-delivery.ts'),
              import('./platform/node-log.ts'),
              import('./platform/node-world.ts'),
              import('./platform/private-folder.ts'),
              import('./processes/log-limit.ts'),
            ]);
            closeToOthers(options.dataDirectory);
            const orphans = orphanedClusters(options.dataDirectory);
            if (orphans !== null) throw new RefusedStart('DATA_FOLDER', orphans);
            const file = join(options.dataDirectory, SERVER_LOG);
            limitLog(file);
            const world = nodeWorld(nodeLog({ level: options.logLevel ?? 'info', file }));
            const engine = new EmbeddedEngine(world, {
              ...options,
              program: [process.execPath, ...NODE_OPTIONS, main],
            });
            return ControlPlane.start(
              world,
              options,
              engine,
              connectByKafka(world, options.advertised[0].host, (cluster) => engine.peers(cluster)),
              (control) => [
                new ConnectService({
                  world,
                  options,
                  control,
                  builtInWorker: [...WORKER, main, 'connect-worker'],
                }),
                new LogDelivery(world, options, () => brokerLogs(control)),
              ],
            );
          });
        },
      },
      {
        name: 'status',
        summary: 'Show whether Millrace runs and what is wrong.',
        load: async () => (await import('./cli/server/status.ts')).status,
      },
      {
        name: 'stop',
        summary: 'Stop a running Millrace with all its clusters.',
        load: async () => {
          const [{ stopCommand }, { nodeProcesses, endProcesses }, { NodeClock }, { clustersFolder }] =
            await Promise.all([
              import('./cli/server/stop.ts'),
              import('./engines/embedded/stray-nodes.ts'),
              import('./platform/node-clock.ts'),
              import('./engines/embedded/layout.ts'),
            ]);
          return stopCommand((folder) => {
            const nodes = nodeProcesses(clustersFolder(folder));
            return { count: nodes.length, end: () => endProcesses(new NodeClock(), nodes) };
          });
        },
      },
      {
        name: 'logs',
        summary: 'Print the end of the logs.',
        load: async () => {
          const [{ logs }, { nodeFiles }] = await Promise.all([
            import('./cli/logs/logs.ts'),
            import('./engines/embedded/node-files.ts'),
          ]);
          return logs(nodeFiles);
        },
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
        load: async () => {
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
        },
      },
      {
        name: 'clusters create',
        summary: 'Create a cluster.',
        load: async () => (await import('./cli/clusters/clusters-create.ts')).clustersCreate,
      },
      {
        name: 'clusters list',
        summary: 'List all clusters.',
        load: async () => (await import('./cli/clusters/clusters-list.ts')).clustersList,
      },
      {
        name: 'clusters describe',
        summary: 'Show one cluster.',
        load: async () => (await import('./cli/clusters/clusters-describe.ts')).clustersDescribe,
      },
      {
        name: 'clusters delete',
        summary: 'Delete a cluster with all its data.',
        load: async () => (await import('./cli/clusters/clusters-delete.ts')).clustersDelete,
      },
      {
        name: 'clusters update',
        summary: 'Change the number, size, volumes, Kafka version or configuration of the brokers.',
        load: async () => (await import('./cli/clusters/clusters-update.ts')).clustersUpdate,
      },
      {
        name: 'clusters reboot',
        summary: 'Restart one broker.',
        load: async () => (await import('./cli/clusters/clusters-reboot.ts')).clustersReboot,
      },
      {
        name: 'clusters operations',
        summary: 'List the operations on a cluster.',
        load: async () => (await import('./cli/clusters/clusters-operations.ts')).clustersOperations,
      },
      {
        name: 'clusters ports',
        summary: 'Move a cluster to other ports.',
        load: async () => (await import('./cli/clusters/clusters-ports.ts')).clustersPorts,
      },
      {
        name: 'clusters retry',
        summary: 'Retry a creation that failed.',
        load: async () => (await import('./cli/clusters/clusters-retry.ts')).clustersRetry,
      },
      {
        name: 'clusters cancel',
        summary: 'Cancel the running operation.',
        load: async () => (await import('./cli/clusters/clusters-cancel.ts')).clustersCancel,
      },
      {
        name: 'clusters client-config',
        summary: 'Print the client configuration for a tool.',
        load: async () => (await import('./cli/clusters/clusters-client-config.ts')).clustersClientConfig,
      },
      {
        name: 'acl list',
        summary: 'List ACLs.',
        load: async () => (await import('./cli/acl/acl-list.ts')).aclList,
      },
      {
        name: 'acl add',
        summary: 'Add ACLs.',
        load: async () => (await import('./cli/acl/acl-add.ts')).aclAdd,
      },
      {
        name: 'acl remove',
        summary: 'Remove ACLs.',
        load: async () => (await import('./cli/acl/acl-remove.ts')).aclRemove,
      },
      {
        name: 'acl explain',
        summary: 'Explain whether a principal may do something.',
        load: async () => (await import('./cli/acl/acl-explain.ts')).aclExplain,
      },
      {
        name: 'connect create',
        summary: 'Create a connector.',
        load: async () => (await import('./cli/connect/connect-create.ts')).connectCreate,
      },
      {
        name: 'connect list',
        summary: 'List all connectors.',
        load: async () => (await import('./cli/connect/connect-list.ts')).connectList,
      },
      {
        name: 'connect describe',
        summary: 'Show one connector.',
        load: async () => (await import('./cli/connect/connect-describe.ts')).connectDescribe,
      },
      {
        name: 'connect update',
        summary: 'Change a connector in place.',
        load: async () => (await import('./cli/connect/connect-update.ts')).connectUpdate,
      },
      {
        name: 'connect pause',
        summary: 'Pause a connector.',
        load: async () => (await import('./cli/connect/connect-toggle.ts')).connectPause,
      },
      {
        name: 'connect resume',
        summary: 'Resume a paused connector.',
        load: async () => (await import('./cli/connect/connect-toggle.ts')).connectResume,
      },
      {
        name: 'connect restart',
        summary: 'Start the tasks of a connector again.',
        load: async () => (await import('./cli/connect/connect-toggle.ts')).connectRestart,
      },
      {
        name: 'connect delete',
        summary: 'Delete a connector.',
        load: async () => (await import('./cli/connect/connect-delete.ts')).connectDelete,
      },
      {
        name: 'connect catalogue',
        summary: 'List the classes that connectors can have.',
        load: async () => (await import('./cli/connect/connect-catalogue.ts')).connectCatalogue,
      },
      {
        name: 'connect validate',
        summary: 'Say what is wrong with a configuration.',
        load: async () => (await import('./cli/connect/connect-validate.ts')).connectValidate,
      },
      {
        name: 'connect offsets',
        summary: 'Show or change where a connector is.',
        load: async () => (await import('./cli/connect/connect-offsets.ts')).connectOffsets,
      },
      {
        name: 'connect plugins',
        summary: 'List, show, create and delete custom plugins.',
        load: async () => (await import('./cli/connect/connect-plugins.ts')).connectPlugins,
      },
      {
        name: 'connect logs',
        summary: "Print the end of the logs of a connector's workers.",
        load: async () => (await import('./cli/connect/connect-logs.ts')).connectLogs,
      },
      {
        name: 'configurations create',
        summary: 'Create a configuration.',
        load: async () =>
          (await import('./cli/configurations/configurations-create.ts')).configurationsCreate,
      },
      {
        name: 'configurations list',
        summary: 'List all configurations.',
        load: async () => (await import('./cli/configurations/configurations-list.ts')).configurationsList,
      },
      {
        name: 'configurations describe',
        summary: 'Show one revision of a configuration.',
        load: async () =>
          (await import('./cli/configurations/configurations-describe.ts')).configurationsDescribe,
      },
      {
        name: 'configurations update',
        summary: 'Add a revision to a configuration.',
        load: async () =>
          (await import('./cli/configurations/configurations-update.ts')).configurationsUpdate,
      },
      {
        name: 'configurations delete',
        summary: 'Delete a configuration.',
        load: async () =>
          (await import('./cli/configurations/configurations-delete.ts')).configurationsDelete,
      },
      {
        name: 'topics list',
        summary: 'List topics.',
        load: async () => (await import('./cli/kafka/topics-list.ts')).topicsList(await connectKafka()),
      },
      {
        name: 'topics describe',
        summary: 'Show one topic.',
        load: async () =>
          (await import('./cli/kafka/topics-describe.ts')).topicsDescribe(await connectKafka()),
      },
      {
        name: 'topics create',
        summary: 'Create a topic.',
        load: async () => (await import('./cli/kafka/topics-create.ts')).topicsCreate(await connectKafka()),
      },
      {
        name: 'topics alter',
        summary: 'Give a topic more partitions.',
        load: async () => (await import('./cli/kafka/topics-alter.ts')).topicsAlter(await connectKafka()),
      },
      {
        name: 'topics delete',
        summary: 'Delete a topic.',
        load: async () => (await import('./cli/kafka/topics-delete.ts')).topicsDelete(await connectKafka()),
      },
      {
        name: 'groups list',
        summary: 'List consumer groups.',
        load: async () => (await import('./cli/kafka/groups-list.ts')).groupsList(await connectKafka()),
      },
      {
        name: 'groups describe',
        summary: 'Show a group and its lag.',
        load: async () =>
          (await import('./cli/kafka/groups-describe.ts')).groupsDescribe(await connectKafka()),
      },
      {
        name: 'groups reset',
        summary: 'Change the committed offsets of a group.',
        load: async () => (await import('./cli/kafka/groups-reset.ts')).groupsReset(await connectKafka()),
      },
      {
        name: 'groups delete',
        summary: 'Delete a group.',
        load: async () => (await import('./cli/kafka/groups-delete.ts')).groupsDelete(await connectKafka()),
      },
      {
        name: 'configs describe',
        summary: 'Show configs of a topic or broker.',
        load: async () =>
          (await import('./cli/kafka/configs-describe.ts')).configsDescribe(await connectKafka()),
      },
      {
        name: 'configs set',
        summary: 'Set configs.',
        load: async () => (await import('./cli/kafka/configs-set.ts')).configsSet(await connectKafka()),
      },
      {
        name: 'configs unset',
        summary: 'Remove configs, so that their defaults apply.',
        load: async () => (await import('./cli/kafka/configs-unset.ts')).configsUnset(await connectKafka()),
      },
      {
        name: 'brokers',
        summary: 'Show the brokers and their health.',
        load: async () => (await import('./cli/kafka/brokers.ts')).brokers(await connectKafka()),
      },
      {
        name: 'produce',
        summary: 'Write records.',
        load: async () => (await import('./cli/kafka/produce.ts')).produce(await connectKafka()),
      },
      {
        name: 'consume',
        summary: 'Print records.',
        load: async () => (await import('./cli/kafka/consume.ts')).consume(await connectKafka()),
      },
      {
        name: 'ca export',
        summary: 'Print the CA that clients trust.',
        load: async () => (await import('./cli/ca/ca-export.ts')).caExport,
      },
      {
        name: 'ca renew',
        summary: 'Replace the CA that clients trust.',
        load: async () => (await import('./cli/ca/ca-renew.ts')).caRenew,
      },
      {
        name: 'ca create',
        summary: 'Create a CA for client certificates.',
        load: async () => (await import('./cli/ca/ca-create.ts')).caCreate,
      },
      {
        name: 'ca import',
        summary: 'Import a CA for client certificates.',
        load: async () => (await import('./cli/ca/ca-import.ts')).caImport,
      },
      {
        name: 'ca list',
        summary: 'List the CAs for client certificates.',
        load: async () => (await import('./cli/ca/ca-list.ts')).caList,
      },
      {
        name: 'ca issue',
        summary: 'Issue a client certificate.',
        load: async () => (await import('./cli/ca/ca-issue.ts')).caIssue,
      },
      {
        name: 'ca remove',
        summary: 'Remove a CA for client certificates.',
        load: async () => (await import('./cli/ca/ca-remove.ts')).caRemove,
      },
      {
        name: 'fault',
        summary: 'Cause an outage on purpose.',
        load: async () => (await import('./cli/clusters/fault.ts')).fault,
      },
    ],
  };
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
