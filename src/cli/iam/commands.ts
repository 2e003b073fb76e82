import type { CommandEntry } from '../program.ts';

const users = () => import('./iam-users.ts');
const keys = () => import('./iam-keys.ts');
const policies = () => import('./iam-policies.ts');

/** Commands on who signs in by IAM. */
export const IAM_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'iam users create',
    summary: 'Create a user who signs in by IAM.',
    load: async () => (await users()).usersCreate,
  },
  {
    name: 'iam users list',
    summary: 'List all IAM users.',
    load: async () => (await users()).usersList,
  },
  {
    name: 'iam users delete',
    summary: 'Delete an IAM user with its access keys and policies.',
    load: async () => (await users()).usersDelete,
  },
  {
    name: 'iam keys create',
    summary: 'Create an access key and print its secret.',
    load: async () => (await keys()).keysCreate,
  },
  {
    name: 'iam keys list',
    summary: 'List the access keys of a user.',
    load: async () => (await keys()).keysList,
  },
  {
    name: 'iam keys deactivate',
    summary: 'Let an access key sign nobody in for now.',
    load: async () => (await keys()).keysDeactivate,
  },
  {
    name: 'iam keys activate',
    summary: 'Let an access key sign in again.',
    load: async () => (await keys()).keysActivate,
  },
  {
    name: 'iam keys delete',
    summary: 'Delete an access key.',
    load: async () => (await keys()).keysDelete,
  },
  {
    name: 'iam policies put',
    summary: 'Give a user or role a policy.',
    load: async () => (await policies()).policiesPut,
  },
  {
    name: 'iam policies get',
    summary: 'Print a policy of a user or role.',
    load: async () => (await policies()).policiesGet,
  },
  {
    name: 'iam policies list',
    summary: 'List the policies of a user or role.',
    load: async () => (await policies()).policiesList,
  },
  {
    name: 'iam policies delete',
    summary: 'Delete a policy of a user or role.',
    load: async () => (await policies()).policiesDelete,
  },
  {
    name: 'iam simulate',
    summary: 'Explain whether an IAM user or role may do something.',
    load: async () => (await import('./iam-simulate.ts')).iamSimulate,
  },
];
