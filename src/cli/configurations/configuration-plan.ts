import type { ApiClient } from '../api-client.ts';
import type { Output } from '../output.ts';

/** Says what a revision would change of a cluster, and how; nothing is changed. */
export async function printConfigurationPlan(
  api: ApiClient,
  cluster: string,
  { arn, revision }: { readonly arn: string; readonly revision: number },
  { json, output }: { readonly json: boolean; readonly output: Output },
): Promise<void> {
  const path = ['millrace', 'v1', 'clusters', cluster, 'configuration-plan'];
  const plan = await api.send('GET', path, { arn, revision });
  if (json) return output.line(JSON.stringify(plan));
  const names = (of: unknown) => (Array.isArray(of) && of.length > 0 ? of.join(', ') : 'nothing');
  output.line(`At once: ${names(plan.live)}`);
  output.line(`By restarting every node, one after another: ${names(plan.rolling)}`);
  output.line(`Without effect: ${names(plan.withoutEffect)}`);
}
