import type { ConfigResource } from '../../kafka-client/admin/configs-admin.ts';
import { Failure } from '../failure.ts';

/** How the command line names what has configs. */
export const RESOURCE_WORDS = 'topic TOPIC|broker ID|brokers';

/** The words of the resource, and those after it. */
export function splitWords(words: readonly string[]): {
  readonly resource: readonly string[];
  readonly rest: readonly string[];
} {
  const count = words[0] === 'brokers' ? 1 : 2;
  const resource = words.slice(0, count);
  configResource(resource);
  if (words.length <= count)
    throw new Failure(`Say behind "${words.join(' ')}" which configs change.`, { exit: 'usage' });
  return { resource, rest: words.slice(count) };
}

export function configResource([type = '', name]: readonly string[]): ConfigResource {
  if (type === 'brokers' && name === undefined) return { type: 'broker', name: '' };
  if (type === 'topic' && name !== undefined) return { type, name };
  if (type === 'broker' && name !== undefined && /^\d{1,9}$/.test(name)) return { type, name };
  throw new Failure(
    `Say first whose configs, as ${RESOURCE_WORDS.replaceAll('|', ', or ')}: not "${[type, name].join(' ').trim()}".`,
    { exit: 'usage' },
  );
}

export function resourceText([type = '', name]: readonly string[]): string {
  return name === undefined ? 'Every broker' : `${type === 'topic' ? 'Topic' : 'Broker'} ${name}`;
}

/** For completion: what may stand behind these words of a command on configs. */
export function completesResource(words: readonly string[]): 'topic' | 'broker' | readonly string[] | null {
  if (words.length === 0) return ['topic', 'broker', 'brokers'];
  const [type] = words;
  return words.length === 1 && (type === 'topic' || type === 'broker') ? type : null;
}
