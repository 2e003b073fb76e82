import { flatJson } from './flat-json.ts';
import { PARAMETERS, type Parameter, type PresignedRequest, presignedRequest } from './presigned-request.ts';

export const MSK_IAM_VERSION = '2020_10_22';
/** Members that are no parameters of the request. */
const OTHERS = ['version', 'host', 'user-agent'];

/**
 * The request in the one message of a client that signs in by AWS_MSK_IAM: a JSON object with the parameters
 * under their names in lower case. A sentence for the log where there is none.
 */
export function mskIamRequest(message: Buffer): PresignedRequest | string {
  const members = flatJson(message.toString('utf8'));
  if (!members) return 'the message is no JSON object of texts, each under a name of its own';
  const byName = new Map(PARAMETERS.map((name) => [name.toLowerCase(), name]));
  if ([...members.keys()].some((name) => !byName.has(name) && !OTHERS.includes(name)))
    return 'the message has a member that is not known';
  if (members.get('version') !== MSK_IAM_VERSION) return `the version is not ${MSK_IAM_VERSION}`;
  const parameters = new Map<Parameter, string>();
  for (const [name, value] of members) {
    const parameter = byName.get(name);
    if (parameter !== undefined) parameters.set(parameter, value);
  }
  return presignedRequest((members.get('host') ?? '').toLowerCase(), parameters);
}
