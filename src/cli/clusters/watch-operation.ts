import type { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { bytesText } from './plan.ts';

const POLL_MS = 250;
const BAR_WIDTH = 20;

/** What commands read of an operation's description. */
export interface OperationView {
  readonly arn: string;
  readonly type: string;
  readonly state: string;
  readonly startedAt: string;
  readonly error: string | null;
  /** `STEP (STATUS)`, of the step that is under way or was the last. */
  readonly step: string;
  /** Steps that are done, of how many. */
  readonly done: number;
  readonly steps: number;
  readonly raw: object;
}

async function describeOperation(api: ApiClient, arn: string): Promise<OperationView> {
  return operationView((await api.send('GET', ['v1', 'operations', arn])).clusterOperationInfo);
}

/** The latest operations of a cluster, those that wait for their turn too; the latest first. */
export async function listOperations(api: ApiClient, clusterArn: string): Promise<OperationView[]> {
  const answer = await api.send('GET', ['v1', 'clusters', clusterArn, 'operations']);
  const list = answer.clusterOperationInfoList;
  return Array.isArray(list) ? list.map(operationView) : [];
}

/** Whether others come first: what is under way has steps. */
export function isWaiting({ state, steps }: OperationView): boolean {
  return state === 'PENDING' && steps === 0;
}

function operationView(info: unknown): OperationView {
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
    done: steps.filter((step) => status(step) === 'COMPLETED').length,
    steps: steps.length,
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
    const { text, share } = await activity(api, arn);
    const now = isWaiting(operation) ? 'waits for its turn' : `${operation.step}${text}`;
    if (output.progress && !json)
      output.progress(`${bar((operation.done + share) / Math.max(1, operation.steps))} ${now}`);
    else if (now !== said && !json) output.line(now);
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

/** What is being done in the step that is under way, and how much of it is done, from 0 to 1. */
async function activity(api: ApiClient, arn: string): Promise<{ text: string; share: number }> {
  const { doing, moved } = await api.send('GET', ['millrace', 'v1', 'operations', arn, 'activity']);
  if (typeof doing !== 'string') return { text: '', share: 0 };
  if (typeof moved !== 'object' || moved === null) return { text: `: ${doing}`, share: 0 };
  const of = fields(moved);
  const [movedBytes, totalBytes] = [Number(of.movedBytes), Number(of.totalBytes)];
  const bytes = `${bytesText(movedBytes)} of ${bytesText(totalBytes)}`;
  return {
    text: `: ${doing}, ${Number(of.movedPartitions)} of ${Number(of.totalPartitions)} (${bytes})`,
    share: totalBytes > 0 ? movedBytes / totalBytes : 0,
  };
}

/** `[██████··············]  30 %`. */
export function bar(share: number): string {
  const done = Math.min(1, Math.max(0, share));
  const full = Math.round(done * BAR_WIDTH);
  const percent = `${Math.floor(done * 100)} %`.padStart(5);
  return `[${'█'.repeat(full)}${'·'.repeat(BAR_WIDTH - full)}] ${percent}`;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
