import { ApiClient } from '../api-client.ts';
import { findCluster } from '../clusters/clusters.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { printAclChange } from './acl-change.ts';
import { aclFilters, PATTERN_TYPES } from './acl-filters.ts';
import { OPERATION_OPTION, RESOURCE_OPTIONS, ROLE_OPTIONS, usage } from './acl-options.ts';
import { entriesOf, PRINCIPAL_OPTIONS } from './new-acls.ts';

export const aclRemove: Command = {
  name: 'acl remove',
  summary: 'Remove ACLs, and say to whom that makes a difference.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    ...PRINCIPAL_OPTIONS,
    ...OPERATION_OPTION,
    ...RESOURCE_OPTIONS,
    'resource-pattern-type': {
      value: 'TYPE',
      help: `One of ${PATTERN_TYPES.join(', ')}; match: every ACL that decides about the name.`,
      default: 'literal',
    },
    ...ROLE_OPTIONS,
    'dry-run': { help: 'Only say what it would remove and change.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'Without a principal: the ACLs of everybody. With one and without --operation: those of All, which "acl add" makes without it.',
  async run(given, output) {
    const filters = aclFilters(given, entriesOf(given));
    if (filters.some((filter) => Object.keys(filter).length === 0))
      throw usage('Name what to remove: a resource, a principal or an operation.');
    const api = new ApiClient(given.text('api'));
    const { clusterArn } = await findCluster(api, given.words[0] ?? '');
    const answer = await api.send('POST', ['millrace', 'v1', 'clusters', clusterArn, 'acls', 'remove'], {
      filters,
      dryRun: given.switched('dry-run'),
    });
    if (given.switched('json')) output.line(JSON.stringify(answer));
    else printAclChange(answer, output);
    return 0;
  },
};
