import type { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { bytesText } from './plan.ts';

const POLL_MS = 250;

/** What commands read of an operation's description. */
export interface OperationView {
  readonly arn: string;
  readonly type: string;
  readonly state: string;
  readonly startedAt: string;
  readonly error: string | null;
  /** `STEP (STATUS)`, of the step that is under way or was the last. */
  readonly step: string;
  readonly raw: object;
}

async function describeOperation(api: ApiClient, arn: string): Promise<OperationView> {
  return operationView((await api.send('GET', ['v1', 'operations', arn])).clusterOperationInfo);
}

export function operationView(info: unknown): OperationView {
  const raw = fields(info);
  const { errorString } = fields(raw.errorInfo);
  const steps = Array.isArray(raw.operationSteps) ? raw.operationSteps.map(fields) : [];
  const status = (step: Record<string, unknown>) => String(fields(step.stepInfo).stepStatus);
  const current = steps.find((step) => status(step) !== 'COMPLETED') ?? steps.at(-1);
  return {
    arn: String(raw.operationArn),
    type: String(raw.operationType),
    state: String(raw.operationState),
    startedAt: String(raw.creationTime),
    error: typeof errorString === 'string' ? errorString : null,
    step: current ? `${String(current.stepName)} (${status(current)})` : '',
    raw,
  };
}

/** Says how an operation goes on until it ends; the exit status. */
export async function watchOperation(
  api: ApiClient,
  arn: string,
  options: { readonly json: boolean; readonly output: Output; readonly wait: boolean },
): Promise<number> {
  const { json, output } = options;
  let operation = await describeOperation(api, arn);
  let said = '';
  while (options.wait && !/_(COMPLETE|FAILED)$/.test(operation.state)) {
    const now = `${operation.step}${await activity(api, arn)}`;
    if (now !== said && !json) output.line(now);
    said = now;
    await new Promise((done) => setTimeout(done, POLL_MS));
    operation = await describeOperation(api, arn);
  }
  if (json) output.line(JSON.stringify(operation.raw));
  else output.line(`${operation.type} is ${operation.state}: ${operation.arn}`);
  if (operation.state === 'UPDATE_FAILED')
    throw new Failure(`The operation failed: ${operation.error ?? 'see the log'}`);
  return 0;
}

async function activity(api: ApiClient, arn: string): Promise<string> {
  const { doing, moved } = await api.send('GET', ['millrace', 'v1', 'operations', arn, 'activity']);
  if (typeof doing !== 'string') return '';
  if (typeof moved !== 'object' || moved === null) return `: ${doing}`;
  const of = fields(moved);
  const bytes = `${bytesText(Number(of.movedBytes))} of ${bytesText(Number(of.totalBytes))}`;
  return `: ${doing}, ${Number(of.movedPartitions)} of ${Number(of.totalPartitions)} (${bytes})`;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
