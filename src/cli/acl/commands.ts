import type { CommandEntry } from '../program.ts';

/** Commands on ACLs. */
export const ACL_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'acl list',
    summary: 'List ACLs.',
    load: async () => (await import('./acl-list.ts')).aclList,
  },
  {
    name: 'acl add',
    summary: 'Add ACLs.',
    load: async () => (await import('./acl-add.ts')).aclAdd,
  },
  {
    name: 'acl remove',
    summary: 'Remove ACLs.',
    load: async () => (await import('./acl-remove.ts')).aclRemove,
  },
  {
    name: 'acl explain',
    summary: 'Explain whether a principal may do something.',
    load: async () => (await import('./acl-explain.ts')).aclExplain,
  },
];
