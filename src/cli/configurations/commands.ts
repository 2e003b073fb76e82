import type { CommandEntry } from '../program.ts';

/** Commands on configurations. */
export const CONFIGURATIONS_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'configurations create',
    summary: 'Create a configuration.',
    load: async () => (await import('./configurations-create.ts')).configurationsCreate,
  },
  {
    name: 'configurations list',
    summary: 'List all configurations.',
    load: async () => (await import('./configurations-list.ts')).configurationsList,
  },
  {
    name: 'configurations describe',
    summary: 'Show one revision of a configuration.',
    load: async () => (await import('./configurations-describe.ts')).configurationsDescribe,
  },
  {
    name: 'configurations update',
    summary: 'Add a revision to a configuration.',
    load: async () => (await import('./configurations-update.ts')).configurationsUpdate,
  },
  {
    name: 'configurations delete',
    summary: 'Delete a configuration.',
    load: async () => (await import('./configurations-delete.ts')).configurationsDelete,
  },
];
