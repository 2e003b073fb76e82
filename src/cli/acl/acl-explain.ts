import { ApiClient } from '../api-client.ts';
import { findCluster } from '../clusters/clusters.ts';
import type { Command, Given } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import {
  type Need,
  needsOfRoles,
  OPERATION_OPTION,
  operationsOf,
  RESOURCE_OPTIONS,
  ROLE_OPTIONS,
  resourcesOf,
  usage,
} from './acl-options.ts';
import { aclsOf, aclTable } from './acl-table.ts';

export const aclExplain: Command = {
  name: 'acl explain',
  summary: 'Say whether somebody may do something, and which ACL or rule decides it.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: {
    principal: { value: 'PRINCIPAL', help: 'Who: User:alice; User:ANONYMOUS is who does not sign in.' },
    host: { value: 'IP', help: 'From where; an address that no ACL names if it is not given.' },
    ...OPERATION_OPTION,
    ...RESOURCE_OPTIONS,
    ...ROLE_OPTIONS,
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: 'The exit status is 0 for both answers; --json has them as "allowed".',
  async run(given, output) {
    const principal = given.text('principal');
    const host = given.maybe('host');
    const needs = needsOfRoles(given) ?? needsOf(given);
    const api = new ApiClient(given.text('api'));
    const { clusterArn } = await findCluster(api, given.words[0] ?? '');
    const answers: Record<string, unknown>[] = [];
    for (const need of needs) {
      const question = { principal, ...(host === undefined ? {} : { host }), ...need };
      const path = ['millrace', 'v1', 'clusters', clusterArn, 'acls', 'explain'];
      answers.push({ ...question, ...(await api.send('GET', path, question)) });
    }
    if (given.switched('json')) {
      output.line(JSON.stringify(answers));
      return 0;
    }
    for (const { operation, resourceType, resourceName, allowed, because } of answers)
      output.line(
        `${principal} ${allowed === true ? 'may' : 'may not'} ${String(operation)} ${String(resourceType)} ${String(resourceName)}: ${String(because)}`,
      );
    for (const line of relevant(answers)) output.line(line);
    return 0;
  },
};

/** The ACLs among which those who may not would have to be. */
function relevant(answers: readonly Record<string, unknown>[]): string[] {
  const denied = answers.filter(({ allowed }) => allowed !== true);
  const acls = denied.flatMap(({ aclsOfResource }) => aclsOf(aclsOfResource));
  const distinct = [...new Map(acls.map((acl) => [JSON.stringify(acl), acl])).values()];
  return distinct.length === 0 ? [] : ['', 'ACLs of what is denied:', ...aclTable(distinct)];
}

function needsOf(given: Given): Need[] {
  const operations = operationsOf(given);
  const resources = resourcesOf(given);
  if (operations.length === 0 || resources.length === 0)
    throw usage(
      'Name an --operation and a resource, as --operation Read --topic orders, or --producer or --consumer.',
    );
  if (operations.includes('ALL')) throw usage('Nobody asks for All: name the operation.');
  return resources.flatMap((resource) => operations.map((operation) => ({ ...resource, operation })));
}
