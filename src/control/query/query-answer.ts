import type { ControlOptions } from '../control.ts';
import { escaped, notHere, signedService } from './foreign-service.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export interface QueryRequest {
  /** A form: `Action=GetCallerIdentity&Version=2011-06-15`. */
  readonly body: string;
  /** The header of this name, which says for which service the request is signed. */
  readonly authorization: string | undefined;
  readonly requestId: string;
}

export interface QueryAnswer {
  readonly status: 200 | 400;
  readonly xml: string;
}

/** Whether a request to `/` is one of AWS's Query protocol: a form that names an action. */
export function isQuery(body: unknown): body is string {
  return typeof body === 'string' && new URLSearchParams(body).has('Action');
}

/**
 * The answer to a request of AWS's Query protocol (STS, IAM, EC2). Tools that are given one address for all
 * services ask STS who they are before they come to MSK. Everybody is the root user of the account, since
 * credentials are not checked. Another action gets an error in the form that its service has.
 */
export function queryAnswer(
  { account }: Pick<ControlOptions, 'account'>,
  { body, authorization, requestId }: QueryRequest,
): QueryAnswer {
  const action = new URLSearchParams(body).get('Action') ?? '';
  const service = signedService(authorization);
  if (action === 'GetCallerIdentity' && (service === 'sts' || service === ''))
    return {
      status: 200,
      xml: `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:root</Arn><UserId>${account}</UserId><Account>${account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
    };
  const error = `<Code>InvalidAction</Code><Message>${escaped(notHere(action, service))}</Message>`;
  const xml =
    service === 'ec2'
      ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
      : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: 400, xml };
}
