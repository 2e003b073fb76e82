import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { API_OPTION, JSON_OPTION, YES_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { dateText, fields, IamClient } from './iam-client.ts';

export const keysCreate: Command = {
  name: 'iam keys create',
  summary: 'Create an access key of an IAM user, and print variables of the environment to sign in with it.',
  takes: 'USER',
  words: { min: 1, max: 1 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: { ...API_OPTION, ...JSON_OPTION },
  more: 'Only this output has the secret. A user has two access keys at most: one to use, and one to change over to.',
  async run(given, output) {
    const endpoint = given.text('api');
    const [UserName = ''] = given.words;
    // What can fail without harm comes before what shows the secret once.
    const { region } = await new ApiClient(endpoint).send('GET', ['millrace', 'v1', 'server']);
    const { AccessKey } = await new IamClient(endpoint).ask('CreateAccessKey', { UserName });
    if (given.switched('json')) {
      output.line(JSON.stringify(AccessKey));
      return 0;
    }
    const { AccessKeyId, SecretAccessKey } = fields(AccessKey);
    output.line(`# An access key of ${UserName}. The secret is not shown again.`);
    output.line(`export AWS_ACCESS_KEY_ID=${String(AccessKeyId)}`);
    output.line(`export AWS_SECRET_ACCESS_KEY=${String(SecretAccessKey)}`);
    output.line(`export AWS_REGION=${String(region)}`);
    return 0;
  },
};

export const keysList: Command = {
  name: 'iam keys list',
  summary: 'List the access keys of an IAM user, without their secrets.',
  takes: 'USER',
  words: { min: 1, max: 1 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const [UserName = ''] = given.words;
    const iam = new IamClient(given.text('api'));
    const all = await iam.all('ListAccessKeys', 'AccessKeyMetadata', { UserName });
    if (given.switched('json')) output.line(JSON.stringify(all));
    else if (all.length === 0)
      output.line(`${UserName} has no access key: make one with "millrace iam keys create ${UserName}".`);
    else
      for (const line of table([
        ['ID', 'STATUS', 'CREATED'],
        ...all
          .map(fields)
          .map(({ AccessKeyId, Status, CreateDate }) => [
            String(AccessKeyId),
            String(Status),
            dateText(CreateDate),
          ]),
      ]))
        output.line(line);
    return 0;
  },
};

export const keysDeactivate = statusCommand(
  'deactivate',
  'Inactive',
  'Make an access key inactive: it signs nobody in until it is activated, and who signed in by it is out within seconds.',
);

export const keysActivate = statusCommand('activate', 'Active', 'Let an access key sign in again.');

function statusCommand(word: string, Status: 'Active' | 'Inactive', summary: string): Command {
  return {
    name: `iam keys ${word}`,
    summary,
    takes: 'USER ID',
    words: { min: 2, max: 2 },
    completes: ({ length }) => (length === 0 ? 'iam-user' : null),
    options: { ...API_OPTION, ...JSON_OPTION },
    async run(given, output) {
      const [UserName = '', AccessKeyId = ''] = given.words;
      await new IamClient(given.text('api')).ask('UpdateAccessKey', { UserName, AccessKeyId, Status });
      output.line(
        given.switched('json')
          ? JSON.stringify({ UserName, AccessKeyId, Status })
          : `${AccessKeyId} of ${UserName} is ${Status}.`,
      );
      return 0;
    },
  };
}

export const keysDelete: Command = {
  name: 'iam keys delete',
  summary: 'Delete an access key. Who signed in by it is out within seconds.',
  takes: 'USER ID',
  words: { min: 2, max: 2 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : null),
  options: { ...YES_OPTION, ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const [UserName = '', AccessKeyId = ''] = given.words;
    await confirm(given, `This deletes the access key ${AccessKeyId} of ${UserName}.`, AccessKeyId);
    await new IamClient(given.text('api')).ask('DeleteAccessKey', { UserName, AccessKeyId });
    output.line(
      given.switched('json')
        ? JSON.stringify({ UserName, AccessKeyId })
        : `${AccessKeyId} of ${UserName} is deleted.`,
    );
    return 0;
  },
};
