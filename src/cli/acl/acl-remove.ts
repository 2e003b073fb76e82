import type { Command } from '../command.ts';
import { changeAcls, changeOptions } from './acl-change.ts';
import { aclFilters, PATTERN_TYPES } from './acl-filters.ts';
import { usage } from './acl-options.ts';
import { entriesOf } from './new-acls.ts';

export const aclRemove: Command = {
  name: 'acl remove',
  summary: 'Remove ACLs, and say to whom that makes a difference.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: changeOptions(
    `One of ${PATTERN_TYPES.join(', ')}; match: every ACL that decides about the name.`,
    'Only say what it would remove and change.',
  ),
  more: 'Without a principal: the ACLs of everybody. With one and without --operation: those of All, which "acl add" makes without it.',
  async run(given, output) {
    const filters = aclFilters(given, entriesOf(given));
    if (filters.some((filter) => Object.keys(filter).length === 0))
      throw usage('Name what to remove: a resource, a principal or an operation.');
    return await changeAcls(given, output, ['remove'], { filters });
  },
};
