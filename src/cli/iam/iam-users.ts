import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { dateText, fields, IamClient } from './iam-client.ts';

export const usersCreate: Command = {
  name: 'iam users create',
  summary: 'Create a user who signs in by IAM. It may do nothing until it has a policy.',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const [UserName = ''] = given.words;
    const { User } = await new IamClient(given.text('api')).ask('CreateUser', { UserName });
    if (given.switched('json')) output.line(JSON.stringify(User));
    else {
      output.line(`${UserName} is made: ${String(fields(User).Arn)}`);
      output.line(
        `"millrace iam keys create ${UserName}" makes its access key, "millrace iam policies put ${UserName} POLICY" says what it may do.`,
      );
    }
    return 0;
  },
};

export const usersList: Command = {
  name: 'iam users list',
  summary: 'List all users who sign in by IAM.',
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const all = await new IamClient(given.text('api')).all('ListUsers', 'Users');
    if (given.switched('json')) output.line(JSON.stringify(all));
    else if (all.length === 0)
      output.line('There is no IAM user: make one with "millrace iam users create NAME".');
    else
      for (const line of table([
        ['NAME', 'ARN', 'CREATED'],
        ...all
          .map(fields)
          .map(({ UserName, Arn, CreateDate }) => [String(UserName), String(Arn), dateText(CreateDate)]),
      ]))
        output.line(line);
    return 0;
  },
};

export const usersDelete: Command = {
  name: 'iam users delete',
  summary: 'Delete an IAM user with its access keys and policies. Its clients are signed out within seconds.',
  takes: 'USER',
  words: { min: 1, max: 1 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: { ...YES_OPTION, ...API_OPTION, ...JSON_OPTION },
  more: 'Policies that other users and roles have, too, stay: they are detached.',
  async run(given, output) {
    const iam = new IamClient(given.text('api'));
    const [UserName = ''] = given.words;
    const { User } = await iam.ask('GetUser', { UserName });
    await confirm(given, `This deletes ${UserName} with its access keys and policies.`, UserName);
    // IAM deletes no user who has any. Keys go first: what is left of a deletion that fails signs nobody in.
    for (const key of await iam.all('ListAccessKeys', 'AccessKeyMetadata', { UserName }))
      await iam.ask('DeleteAccessKey', { UserName, AccessKeyId: String(fields(key).AccessKeyId) });
    for (const name of await iam.all('ListUserPolicies', 'PolicyNames', { UserName }))
      await iam.ask('DeleteUserPolicy', { UserName, PolicyName: String(name) });
    for (const policy of await iam.all('ListAttachedUserPolicies', 'AttachedPolicies', { UserName }))
      await iam.ask('DetachUserPolicy', { UserName, PolicyArn: String(fields(policy).PolicyArn) });
    await iam.ask('DeleteUser', { UserName });
    output.line(given.switched('json') ? JSON.stringify(User) : `${UserName} is deleted.`);
    return 0;
  },
};
