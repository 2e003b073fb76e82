import { StoreError } from '../state/store-error.ts';
import { escaped, notHere, signedService } from './foreign-service.ts';
import { formMembers } from './form.ts';
import * as accessKeys from './iam/access-keys.ts';
import * as attachments from './iam/attachments.ts';
import * as inlinePolicies from './iam/inline-policies.ts';
import * as managedPolicies from './iam/managed-policies.ts';
import * as policyVersions from './iam/policy-versions.ts';
import * as roles from './iam/roles.ts';
import * as tags from './iam/tags.ts';
import * as users from './iam/users.ts';
import { jsonAnswer } from './json-answer.ts';
import { QUERY_ERRORS, QueryError } from './query-error.ts';
import type { QueryCaller, QueryControl, QueryOperation } from './query-operation.ts';
import * as assumeRole from './sts/assume-role.ts';
import * as callerIdentity from './sts/caller-identity.ts';
import * as sessionToken from './sts/session-token.ts';
import { xmlMembers } from './xml.ts';

const NAMESPACES = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
} as const;
type Service = keyof typeof NAMESPACES;

const BUILT: Readonly<Record<Service, ReadonlyMap<string, QueryOperation>>> = {
  iam: byName([accessKeys, attachments, inlinePolicies, managedPolicies, policyVersions, roles, tags, users]),
  sts: byName([assumeRole, callerIdentity, sessionToken]),
};

/** Its body is a form: `Action=GetCallerIdentity&Version=2011-06-15`. */
export interface QueryRequest extends QueryCaller {
  /** The header of this name, which says for which service the request is signed. */
  readonly authorization: string | undefined;
  readonly requestId: string;
  /** As it came. IAM and STS answer `application/json` with JSON, and everything else with XML. */
  readonly accept?: string | undefined;
}

export interface QueryAnswer {
  readonly status: number;
  readonly contentType: 'text/xml' | 'application/json';
  readonly text: string;
}

/** Whether a request to `/` is one of AWS's Query protocol: a form that names an action. */
export function isQuery(body: unknown): body is string {
  return typeof body === 'string' && new URLSearchParams(body).has('Action');
}

/**
 * The answer to a request of AWS's Query protocol (IAM, STS, EC2). An action that is not here gets an error
 * in the form that its service has.
 */
export function queryAnswer(control: QueryControl, request: QueryRequest): QueryAnswer {
  const form = new URLSearchParams(request.body);
  const action = form.get('Action') ?? '';
  const service = signedService(request.authorization);
  const of = serviceOf(service, action);
  const operation = of && BUILT[of].get(action);
  if (!of || !operation)
    return failed(service, new QueryError('InvalidAction', notHere(action, service)), request);
  const input = formMembers(form);
  if (!input)
    return failed(of, new QueryError('ValidationError', 'The form names a member in two ways.'), request);
  const result = answered(() => operation.run(control, input, request));
  if (result instanceof QueryError) return failed(of, result, request);
  const { requestId } = request;
  if (wantsJson(of, request))
    return { status: 200, contentType: 'application/json', text: jsonAnswer(action, result, requestId) };
  const members = result ? `<${action}Result>${xmlMembers(result)}</${action}Result>` : '';
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return {
    status: 200,
    contentType: 'text/xml',
    text: `<${action}Response xmlns="${NAMESPACES[of]}">${members}${metadata}</${action}Response>`,
  };
}

function wantsJson(service: string, { accept }: QueryRequest): boolean {
  return accept === 'application/json' && service !== 'ec2';
}

/** Who does not sign says no service: what the action is of is found by its name. */
function serviceOf(signed: string, action: string): Service | null {
  if (signed === 'iam' || signed === 'sts') return signed;
  if (signed !== '') return null;
  return BUILT.sts.has(action) ? 'sts' : 'iam';
}

/** Of a store that cannot write, mostly for a full disk, the same may be asked again. */
const STORE_ERRORS = { NOT_STORED: 'ServiceUnavailable', FULL: 'LimitExceeded' } as const;

function answered(run: () => object | null): object | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return new QueryError(STORE_ERRORS[error.code], error.message);
  }
}

function failed(service: string, { code, message }: QueryError, request: QueryRequest): QueryAnswer {
  const { requestId } = request;
  const status = QUERY_ERRORS[code];
  const whose = status >= 500 ? 'Receiver' : 'Sender';
  if (wantsJson(service, request))
    return {
      status,
      contentType: 'application/json',
      text: JSON.stringify({ Error: { Code: code, Message: message, Type: whose }, RequestId: requestId }),
    };
  const error = `<Code>${code}</Code><Message>${escaped(message)}</Message>`;
  return {
    status,
    contentType: 'text/xml',
    text:
      service === 'ec2'
        ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
        : `<ErrorResponse><Error><Type>${whose}</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

function byName(modules: readonly object[]): ReadonlyMap<string, QueryOperation> {
  const built = modules.flatMap((module) => Object.values(module).filter(isOperation));
  return new Map(built.map((operation) => [operation.name, operation]));
}

function isOperation(value: unknown): value is QueryOperation {
  return typeof value === 'object' && value !== null && 'run' in value && 'name' in value;
}
