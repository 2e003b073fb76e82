import type { CommandEntry } from '../program.ts';

/** Commands on connectors. */
export const CONNECT_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'connect create',
    summary: 'Create a connector.',
    load: async () => (await import('./connect-create.ts')).connectCreate,
  },
  {
    name: 'connect list',
    summary: 'List all connectors.',
    load: async () => (await import('./connect-list.ts')).connectList,
  },
  {
    name: 'connect describe',
    summary: 'Show one connector.',
    load: async () => (await import('./connect-describe.ts')).connectDescribe,
  },
  {
    name: 'connect update',
    summary: 'Change a connector in place.',
    load: async () => (await import('./connect-update.ts')).connectUpdate,
  },
  {
    name: 'connect pause',
    summary: 'Pause a connector.',
    load: async () => (await import('./connect-toggle.ts')).connectPause,
  },
  {
    name: 'connect resume',
    summary: 'Resume a paused connector.',
    load: async () => (await import('./connect-toggle.ts')).connectResume,
  },
  {
    name: 'connect restart',
    summary: 'Start the tasks of a connector again.',
    load: async () => (await import('./connect-toggle.ts')).connectRestart,
  },
  {
    name: 'connect delete',
    summary: 'Delete a connector.',
    load: async () => (await import('./connect-delete.ts')).connectDelete,
  },
  {
    name: 'connect catalogue',
    summary: 'List the classes that connectors can have.',
    load: async () => (await import('./connect-catalogue.ts')).connectCatalogue,
  },
  {
    name: 'connect validate',
    summary: 'Say what is wrong with a configuration.',
    load: async () => (await import('./connect-validate.ts')).connectValidate,
  },
  {
    name: 'connect offsets',
    summary: 'Show or change where a connector is.',
    load: async () => (await import('./connect-offsets.ts')).connectOffsets,
  },
  {
    name: 'connect plugins',
    summary: 'List, show, create and delete custom plugins.',
    load: async () => (await import('./connect-plugins.ts')).connectPlugins,
  },
  {
    name: 'connect logs',
    summary: "Print the end of the logs of a connector's workers.",
    load: async () => (await import('./connect-logs.ts')).connectLogs,
  },
];
