import { ApiClient } from '../api-client.ts';
import { findCluster } from '../clusters/clusters.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { printAclChange } from './acl-change.ts';
import { OPERATION_OPTION, RESOURCE_OPTIONS, ROLE_OPTIONS } from './acl-options.ts';
import { newAcls, PRINCIPAL_OPTIONS } from './new-acls.ts';

export const aclAdd: Command = {
  name: 'acl add',
  summary: 'Allow or deny something, and say to whom that makes a difference.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    ...PRINCIPAL_OPTIONS,
    ...OPERATION_OPTION,
    ...RESOURCE_OPTIONS,
    'resource-pattern-type': {
      value: 'TYPE',
      help: 'literal, or prefixed: every name that begins so.',
      default: 'literal',
    },
    ...ROLE_OPTIONS,
    'dry-run': { help: 'Only say what it would change.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'Without --operation it is All. The first ACL of a resource closes it to everybody whom none allows: look with --dry-run.',
  async run(given, output) {
    const acls = newAcls(given);
    const api = new ApiClient(given.text('api'));
    const { clusterArn } = await findCluster(api, given.words[0] ?? '');
    const answer = await api.send('POST', ['millrace', 'v1', 'clusters', clusterArn, 'acls'], {
      acls,
      dryRun: given.switched('dry-run'),
    });
    if (given.switched('json')) output.line(JSON.stringify(answer));
    else printAclChange(answer, output);
    return 0;
  },
};
