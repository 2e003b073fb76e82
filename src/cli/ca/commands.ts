import type { CommandEntry } from '../program.ts';

/** Commands on certificate authorities. */
export const CA_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'ca export',
    summary: 'Print the CA that clients trust.',
    load: async () => (await import('./ca-export.ts')).caExport,
  },
  {
    name: 'ca renew',
    summary: 'Replace the CA that clients trust.',
    load: async () => (await import('./ca-renew.ts')).caRenew,
  },
  {
    name: 'ca create',
    summary: 'Create a CA for client certificates.',
    load: async () => (await import('./ca-create.ts')).caCreate,
  },
  {
    name: 'ca import',
    summary: 'Import a CA for client certificates.',
    load: async () => (await import('./ca-import.ts')).caImport,
  },
  {
    name: 'ca list',
    summary: 'List the CAs for client certificates.',
    load: async () => (await import('./ca-list.ts')).caList,
  },
  {
    name: 'ca issue',
    summary: 'Issue a client certificate.',
    load: async () => (await import('./ca-issue.ts')).caIssue,
  },
  {
    name: 'ca remove',
    summary: 'Remove a CA for client certificates.',
    load: async () => (await import('./ca-remove.ts')).caRemove,
  },
];
