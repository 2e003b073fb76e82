import { ApiClient } from '../api-client.ts';
import { findCluster } from '../clusters/clusters.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { aclFilters, PATTERN_TYPES } from './acl-filters.ts';
import { OPERATION_OPTION, RESOURCE_OPTIONS } from './acl-options.ts';
import { aclsOf, aclTable } from './acl-table.ts';
import type { AclView } from './new-acls.ts';

export const aclList: Command = {
  name: 'acl list',
  summary: 'List the ACLs of a cluster: all, or those of resources and principals.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    ...RESOURCE_OPTIONS,
    ...OPERATION_OPTION,
    principal: { value: 'PRINCIPAL', help: 'Whom they are about: User:alice.', repeats: true },
    'resource-pattern-type': {
      value: 'TYPE',
      help: `One of ${PATTERN_TYPES.join(', ')}; match: every ACL that decides about the name.`,
      default: 'any',
    },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const filters = aclFilters(
      given,
      given.all('principal').map((principal) => ({ principal })),
    );
    const api = new ApiClient(given.text('api'));
    const { clusterArn, clusterName } = await findCluster(api, given.words[0] ?? '');
    const found = new Map<string, AclView>();
    for (const filter of filters) {
      const { acls } = await api.send('GET', ['millrace', 'v1', 'clusters', clusterArn, 'acls'], filter);
      for (const acl of aclsOf(acls)) found.set(JSON.stringify(acl), acl);
    }
    const acls = [...found.values()];
    if (given.switched('json')) output.line(JSON.stringify(acls));
    else if (acls.length === 0) output.line(`The cluster ${clusterName} has no such ACL.`);
    else for (const line of aclTable(acls)) output.line(line);
    return 0;
  },
};
