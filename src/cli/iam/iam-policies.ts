import { readFileSync } from 'node:fs';
import type { Command, Given, Option } from '../command.ts';
import { confirm } from '../confirm.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { fields, IamClient } from './iam-client.ts';

const ROLE_OPTION: Readonly<Record<string, Option>> = {
  role: { help: 'NAME is that of a role, not of a user.' },
};

const OPTIONS = { ...ROLE_OPTION, ...API_OPTION, ...JSON_OPTION };

export const policiesPut: Command = {
  name: 'iam policies put',
  summary: 'Give a user or role a policy, in place of the one of this name that it may have.',
  takes: 'NAME POLICY',
  words: { min: 2, max: 2 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: { file: { value: 'FILE', help: 'The policy, as JSON.' }, ...OPTIONS },
  async run(given, output) {
    const owner = ownerOf(given);
    const [, PolicyName = ''] = given.words;
    const PolicyDocument = documentIn(given.text('file'));
    await new IamClient(given.text('api')).ask(`Put${owner.kind}Policy`, {
      ...owner.named,
      PolicyName,
      PolicyDocument,
    });
    output.line(
      given.switched('json')
        ? JSON.stringify({ ...owner.named, PolicyName })
        : `${owner.name} has the policy ${PolicyName}.`,
    );
    return 0;
  },
};

export const policiesGet: Command = {
  name: 'iam policies get',
  summary: 'Print a policy of a user or role, as it was put.',
  takes: 'NAME POLICY',
  words: { min: 2, max: 2 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: OPTIONS,
  async run(given, output) {
    const owner = ownerOf(given);
    const [, PolicyName = ''] = given.words;
    const members = { ...owner.named, PolicyName };
    const found = await new IamClient(given.text('api')).ask(`Get${owner.kind}Policy`, members);
    // Documents travel percent-encoded in answers of IAM.
    const PolicyDocument = decodeURIComponent(String(found.PolicyDocument));
    output.line(
      given.switched('json') ? JSON.stringify({ ...found, PolicyDocument }) : PolicyDocument.trimEnd(),
    );
    return 0;
  },
};

export const policiesList: Command = {
  name: 'iam policies list',
  summary: 'List the policies of a user or role: its own, and those that are attached to it.',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: OPTIONS,
  async run(given, output) {
    const { kind, name, named } = ownerOf(given);
    const iam = new IamClient(given.text('api'));
    const own = await iam.all(`List${kind}Policies`, 'PolicyNames', named);
    const attached = await iam.all(`ListAttached${kind}Policies`, 'AttachedPolicies', named);
    if (given.switched('json')) output.line(JSON.stringify({ PolicyNames: own, AttachedPolicies: attached }));
    else if (own.length + attached.length === 0)
      output.line(`${name} has no policy, so it may do nothing: "millrace iam policies put" gives it one.`);
    else
      for (const line of table([
        ['POLICY', 'ATTACHED'],
        ...own.map((policy) => [String(policy), '']),
        ...attached.map(fields).map(({ PolicyName, PolicyArn }) => [String(PolicyName), String(PolicyArn)]),
      ]))
        output.line(line);
    return 0;
  },
};

export const policiesDelete: Command = {
  name: 'iam policies delete',
  summary: 'Delete a policy of a user or role. Its clients lose the rights within seconds.',
  takes: 'NAME POLICY',
  words: { min: 2, max: 2 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: { ...ROLE_OPTION, ...YES_OPTION, ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const owner = ownerOf(given);
    const [, PolicyName = ''] = given.words;
    await confirm(given, `This deletes the policy ${PolicyName} of ${owner.name}.`, PolicyName);
    const members = { ...owner.named, PolicyName };
    await new IamClient(given.text('api')).ask(`Delete${owner.kind}Policy`, members);
    output.line(
      given.switched('json')
        ? JSON.stringify(members)
        : `The policy ${PolicyName} of ${owner.name} is deleted.`,
    );
    return 0;
  },
};

interface Owner {
  readonly kind: 'User' | 'Role';
  readonly name: string;
  /** The member of requests that names it. */
  readonly named: Readonly<Record<string, string>>;
}

function ownerOf(given: Given): Owner {
  const [name = ''] = given.words;
  return given.switched('role')
    ? { kind: 'Role', name, named: { RoleName: name } }
    : { kind: 'User', name, named: { UserName: name } };
}

function documentIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`The policy in ${file} cannot be read.`, { cause: error, exit: 'usage' });
  }
}
