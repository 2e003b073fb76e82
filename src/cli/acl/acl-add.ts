import type { Command } from '../command.ts';
import { changeAcls, changeOptions } from './acl-change.ts';
import { newAcls } from './new-acls.ts';

export const aclAdd: Command = {
  name: 'acl add',
  summary: 'Allow or deny something, and say to whom that makes a difference.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: changeOptions(
    'literal, or prefixed: every name that begins so.',
    'Only say what it would change.',
  ),
  more: 'Without --operation it is All. The first ACL of a resource closes it to everybody whom none allows: look with --dry-run.',
  run: async (given, output) => changeAcls(given, output, [], { acls: newAcls(given) }),
};
