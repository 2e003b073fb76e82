import { portHolder } from '../../../control/steps/port-holder.ts';
import { canListen } from '../../../control/steps/port-probe.ts';
import { type Finding, ok } from '../finding.ts';

/** A port that a start needs, and what for: `the API`, `broker 1 of demo`. */
export interface NeededPort {
  readonly port: number;
  readonly use: string;
}

/** Whether nobody has the ports that a start needs on this address. */
export async function portFindings(host: string, needed: readonly NeededPort[]): Promise<Finding[]> {
  const check = 'ports';
  const taken: Finding[] = [];
  for (const { port, use } of needed) {
    if (await canListen({ host, port })) continue;
    taken.push({
      check,
      level: 'error',
      found: `Port ${port}, for ${use}, is in use by ${portHolder(port)}.`,
      advice: `End that process, or choose another port with ${use === API ? '--port' : '--kafka-port'}.`,
    });
  }
  if (taken.length > 0) return taken;
  return [ok(check, `The ports ${needed.map(({ port }) => port).join(', ')} are free on ${host}.`)];
}

/** What the port of the API is for. */
export const API = 'the API';
