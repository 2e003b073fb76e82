import type { ApiClient } from '../api-client.ts';
import type { Output } from '../output.ts';

/** Says what an upgrade would change of a cluster, and what speaks against it; nothing is changed. */
export async function printVersionPlan(
  api: ApiClient,
  cluster: string,
  target: string,
  { json, output }: { readonly json: boolean; readonly output: Output },
): Promise<void> {
  const plan = await api.send('GET', ['millrace', 'v1', 'clusters', cluster, 'version-plan'], { target });
  if (json) return output.line(JSON.stringify(plan));
  const listed = (of: unknown): unknown[] => (Array.isArray(of) ? of : []);
  const told = (of: readonly string[]): string => (of.length > 0 ? of.join(', ') : 'nothing');
  output.line(`Brokers that restart, one after another: ${told(listed(plan.restarts).map(String))}`);
  output.line(`Features that are raised at the end: ${told(listed(plan.features).map(described))}`);
  for (const warning of listed(plan.warnings)) output.line(`Warning: ${warning}`);
  if (typeof plan.refusal === 'string') output.line(`It would be refused now: ${plan.refusal}`);
}

function described(feature: unknown): string {
  const { name, from, to }: Record<string, unknown> =
    typeof feature === 'object' && feature !== null ? { ...feature } : {};
  return `${name} from ${from} to ${to}`;
}
