import { KAFKA_ACTION_NAMES, kafkaActions } from '../../security/iam/kafka-actions.ts';
import { resourceArn } from '../../security/iam/resource-arn.ts';
import { ApiClient } from '../api-client.ts';
import { namedOrOnly } from '../clusters/clusters.ts';
import type { Command, Given } from '../command.ts';
import { didYouMean } from '../did-you-mean.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { fields, IamClient } from './iam-client.ts';

const PREFIX = 'kafka-cluster:';

export const iamSimulate: Command = {
  name: 'iam simulate',
  summary: 'Say whether an IAM user or role may do something, and which statement of a policy decides it.',
  takes: 'PRINCIPAL ACTION [RESOURCE]',
  words: { min: 2, max: 3 },
  completes: ({ length }) => (length === 0 ? 'iam-user' : length === 1 ? KAFKA_ACTION_NAMES : null),
  options: {
    role: { help: 'PRINCIPAL is the name of a role, not of a user.' },
    cluster: {
      value: 'NAME|ARN',
      help: 'The cluster of the resource. It can be omitted when there is only one.',
    },
    host: { value: 'IP', help: 'From where.', default: '127.0.0.1' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  more: [
    'PRINCIPAL is a name or an ARN. RESOURCE is the name of the topic, group or transactional id that the action is about, or an ARN;',
    `actions on the cluster itself take none. Actions: ${KAFKA_ACTION_NAMES.join(', ')}.`,
    'The exit status is 0 for both answers; --json has them as "allowed".',
  ].join('\n'),
  async run(given, output) {
    const endpoint = given.text('api');
    const action = actionOf(given);
    const principal = await principalOf(new IamClient(endpoint), given);
    const api = new ApiClient(endpoint);
    const resource = await resourceOf(api, given, action);
    const path = ['millrace', 'v1', 'iam', 'simulate'];
    const question = { principal, action, resource, host: given.text('host') };
    const answer = await api.send('GET', path, question);
    if (given.switched('json')) {
      output.line(JSON.stringify({ principal, ...answer }));
      return 0;
    }
    // A denial may be of Connect, which everything needs besides.
    if (answer.allowed !== true && answer.action !== `${PREFIX}${action}`)
      output.line(`${principal} may not ${PREFIX}${action} ${resource}, because it needs ${PREFIX}Connect:`);
    output.line(sentence(principal, answer));
    for (const { action: needed, decision } of needsOf(answer.needs)) {
      if (decision === null) output.line(`Clients need ${needed} besides, on another resource.`);
      else if (decision.allowed !== true)
        output.line(`Clients need ${needed} besides: ${sentence(principal, decision)}`);
    }
    return 0;
  },
};

function sentence(principal: string, decision: Readonly<Record<string, unknown>>): string {
  const { allowed, action, resource, because } = decision;
  return `${principal} ${allowed === true ? 'may' : 'may not'} ${String(action)} ${String(resource)}: ${String(because)}`;
}

function needsOf(value: unknown): { action: string; decision: Record<string, unknown> | null }[] {
  if (!Array.isArray(value)) return [];
  return value.map(fields).map(({ action, decision }) => ({
    action: String(action),
    decision: decision === null ? null : fields(decision),
  }));
}

function actionOf(given: Given) {
  const [, word = ''] = given.words;
  const name = word.startsWith(PREFIX) ? word.slice(PREFIX.length) : word;
  const found = KAFKA_ACTION_NAMES.find((one) => one === name);
  if (!found)
    throw new Failure(
      `There is no action ${word}: see "millrace iam simulate --help".${didYouMean(name, KAFKA_ACTION_NAMES)}`,
      { exit: 'usage' },
    );
  return found;
}

async function principalOf(iam: IamClient, given: Given): Promise<string> {
  const [name = ''] = given.words;
  if (name.startsWith('arn:')) return name;
  const { User, Role } = given.switched('role')
    ? await iam.ask('GetRole', { RoleName: name })
    : await iam.ask('GetUser', { UserName: name });
  return String(fields(User ?? Role).Arn);
}

async function resourceOf(
  api: ApiClient,
  given: Given,
  action: (typeof KAFKA_ACTION_NAMES)[number],
): Promise<string> {
  const [, , name] = given.words;
  if (name?.startsWith('arn:')) return name;
  const kind = kafkaActions[action].resource;
  if ((kind === 'cluster') !== (name === undefined))
    throw new Failure(
      kind === 'cluster'
        ? `${PREFIX}${action} is about the cluster: leave ${name} out, and name the cluster with --cluster.`
        : `${PREFIX}${action} is about a ${kind}: name it as RESOURCE.`,
      { exit: 'usage' },
    );
  const { clusterArn } = await namedOrOnly(api, given.maybe('cluster'));
  return resourceArn(clusterArn, kind, name ?? '');
}
